#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "jobs/list/parse_files.hpp"

using namespace std::chrono_literals;
using jobs::Countdown;
using jobs::Duration;
using jobs::Executor;
using jobs::Job;
using jobs::JobList;
using jobs::Prime;
using primes::Algorithm;
using primes::Integer;

namespace {

JobList parsed(std::string_view text, const jobs::ParseOptions& options = {}) {
  auto result = jobs::parse_list(text, options);
  for (const auto& error : result.errors) FAIL_CHECK(error.to_string("list.json"));
  REQUIRE(result.errors.empty());
  return std::move(result.list);
}

JobList parsed_file(const std::string& name, const jobs::ParseOptions& options = {}) {
  return parsed(tests::read_file(std::string(PRIMED_JOBS_TESTS) + "/valid/" + name), options);
}

const Countdown& countdown(const Job& job) { return std::get<Countdown>(job.work); }
const Prime& prime(const Job& job) { return std::get<Prime>(job.work); }

std::string number(const Job& job) { return std::get<Integer>(prime(job).numbers).to_string(); }

}  // namespace

TEST_SUITE("parse: lists") {
  TEST_CASE("the chapter's list becomes its six jobs") {
    const JobList list = parsed(tests::read_file(std::string(PRIMED_CONFIG) + "/chapter.json"));
    CHECK(list.settings.workers == 2U);
    REQUIRE(list.jobs.size() == 6);
    CHECK(list.jobs[0].id == "A");
    CHECK(countdown(list.jobs[0]).from == 3);
    CHECK(countdown(list.jobs[0]).interval == 1s);
    CHECK(countdown(list.jobs[1]).interval == 800ms);
    CHECK(countdown(list.jobs[2]).interval == 500ms);
    CHECK(number(list.jobs[3]) == "9637529763296797");
    CHECK(number(list.jobs[4]) == "427920331");
    CHECK(number(list.jobs[5]) == "157");
    CHECK(prime(list.jobs[5]).method == Algorithm::automatic);
    for (const Job& job : list.jobs) CHECK_FALSE(job.executor.has_value());
  }

  TEST_CASE("every key has its place") {
    jobs::ParseOptions options;
    options.folder = "/srv/lists";
    const JobList list = parsed_file("all_keys.json", options);
    CHECK(list.settings.workers == 64U);
    CHECK(list.settings.grace == Duration(90s));
    CHECK(list.settings.executor == Executor::thread);
    CHECK(list.settings.max_open_jobs == 1'000'000'000U);
    CHECK(list.settings.max_digits == 20'000U);
    CHECK(list.settings.results == "out.ndjson");
    REQUIRE(list.jobs.size() == 4);
    CHECK(list.jobs[0].executor == Executor::loop);
    CHECK(countdown(list.jobs[0]).from == 0);
    CHECK(countdown(list.jobs[0]).interval == 0s);
    CHECK(list.jobs[1].executor == Executor::thread);
    CHECK(prime(list.jobs[1]).method == Algorithm::automatic);
    CHECK(list.jobs[2].executor == Executor::loop);
    CHECK(std::get<std::vector<Integer>>(prime(list.jobs[2]).numbers).empty());
    CHECK(prime(list.jobs[3]).method == Algorithm::trial_division);
    CHECK(std::get<jobs::NumbersFrom>(prime(list.jobs[3]).numbers).file ==
          "/srv/lists/numbers.txt");
  }

  TEST_CASE("an empty list, and settings that are not there") {
    const JobList list = parsed("{\"jobs\": []}");
    CHECK(list.jobs.empty());
    CHECK_FALSE(list.settings.workers.has_value());
    CHECK_FALSE(list.settings.grace.has_value());
    CHECK_FALSE(list.settings.results.has_value());
  }

  TEST_CASE("integers are exact, whatever their size and however they are written") {
    const JobList list = parsed_file("exact_integers.json");
    const auto& numbers = std::get<std::vector<Integer>>(prime(list.jobs[0]).numbers);
    const std::vector<std::string> expected = {"0",
                                               "0",
                                               "-7",
                                               "9637529763296797",
                                               "18446744073709551615",
                                               "18446744073709551616",
                                               "1000000000000000000000007",
                                               "-1000000000000000000000007",
                                               "-9223372036854775809",
                                               "0",
                                               "0",
                                               "-7",
                                               "1000000000000000000000007",
                                               "255",
                                               "255",
                                               "255",
                                               "-16"};
    REQUIRE(numbers.size() == expected.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(numbers[i].to_string() == expected[i]);
    CHECK(number(list.jobs[1]) == std::string(300, '1'));
  }

  TEST_CASE("durations are exact to the nanosecond") {
    const JobList list = parsed_file("durations.json");
    const std::vector<Duration> expected = {
        0s,
        0s,
        1s,
        500ms,
        100ms,
        1ms,
        200s,
        std::chrono::hours(24 * 36525),
        std::chrono::hours(24 * 36525),
        0s,
        1s,
        800ms,
        1500ms,
        100ms,
        90s,
        26h + 3min + 4s + 5ms + 6us + 7ns,
        std::chrono::hours(24 * 36525),
        90s,
        7s,
    };
    REQUIRE(list.jobs.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(i);
      CHECK(countdown(list.jobs[i]).interval == expected[i]);
    }
  }

  TEST_CASE("jobs without an id are called after their position") {
    const JobList list = parsed_file("ids.json");
    REQUIRE(list.jobs.size() == 5);
    CHECK(list.jobs[0].id == "job-1");
    CHECK(list.jobs[1].id == "job-2");
    CHECK(list.jobs[2].id == "job-03");
    CHECK(list.jobs[3].id == tests::repeated(128, "ä"));
    CHECK(list.jobs[4].id == "\xF0\x9F\x98\x80 /\"");
  }

  TEST_CASE("defaults hold for jobs before them too, and yield to what a job says") {
    const JobList list = parsed_file("defaults_after_jobs.json");
    REQUIRE(list.jobs.size() == 3);
    CHECK(countdown(list.jobs[0]).from == 9);
    CHECK(countdown(list.jobs[0]).interval == 2s);
    CHECK(list.jobs[0].executor == Executor::thread);
    CHECK(countdown(list.jobs[1]).from == 1);
    CHECK(prime(list.jobs[2]).method == Algorithm::trial_division);
    CHECK_FALSE(list.jobs[2].executor.has_value());
  }

  TEST_CASE("a fixed limit of digits outranks the list's own") {
    const std::string text = R"({"jobs": [{"kind": "prime", "number": "12345678"}],
                                 "settings": {"max_digits": 7}})";
    CHECK(tests::report(text).size() == 1);
    jobs::ParseOptions options;
    options.max_digits = 8;
    options.max_digits_fixed = true;
    CHECK(parsed(text, options).settings.max_digits == 7U);
  }

  TEST_CASE("lines may end in CR LF, and the text without a line's end") {
    const JobList list = parsed("{\r\n\"jobs\": [\r\n{\"kind\": \"countdown\"}\r\n]\r\n}");
    CHECK(list.jobs.size() == 1);
    CHECK(tests::joined(tests::report("{\r\n\"jobs\": [\r\n  {\"kind\": 7}\r\n]}")) ==
          "list.json:3:12: /jobs/0/kind: found a number; expected \"countdown\" or \"prime\"\n");
  }

  TEST_CASE("escapes in keys and names mean what they stand for") {
    const JobList list =
        parsed(R"({"\u006aobs": [{"k\u0069nd": "pr\u0069me", "number": "\u0037"}]})");
    REQUIRE(list.jobs.size() == 1);
    CHECK(number(list.jobs[0]) == "7");
  }

  TEST_CASE("an absolute file of numbers stays where it is") {
    jobs::ParseOptions options;
    options.folder = "/srv/lists";
    const JobList list =
        parsed(R"({"jobs": [{"kind": "prime", "numbers_from": "/tmp/a.txt"}]})", options);
    CHECK(std::get<jobs::NumbersFrom>(prime(list.jobs[0]).numbers).file == "/tmp/a.txt");
  }
}
