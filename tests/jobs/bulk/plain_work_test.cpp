#include "jobs/bulk/plain_work.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "jobs/lanes/slice.hpp"
#include "jobs/output/number_records.hpp"
#include "jobs/run/run_support.hpp"

namespace {

using jobs::Chunk;
using jobs::ChunkContext;
using jobs::ErrorCode;
using jobs::PlainJob;
using primes::Verdict;

Chunk chunk(std::string text) {
  Chunk lines;
  lines.text = std::move(text);
  lines.text.reserve(lines.text.size() + 64);
  return lines;
}

std::string name_of(const PlainJob& job) {
  return job.id.empty() ? "job-" + std::to_string(job.position) : std::string(job.id);
}

/// What lines come to: each job's name and number, and what was rejected where.
struct Outcome {
  std::multimap<std::string, std::string> jobs;
  std::vector<std::string> rejected;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome outcome_of(const Chunk& lines, bool sort_out_plain, std::size_t max_digits = 20'000) {
  jobs::ParseOptions options;
  options.max_digits = max_digits;
  ChunkContext context(options, std::nullopt);
  context.sort_out_plain = sort_out_plain;
  const auto parsed = jobs::parse_chunk(lines, context);
  CHECK(parsed.plain.empty() == !sort_out_plain);
  Outcome outcome;
  for (const PlainJob& job : parsed.plain) {
    outcome.jobs.emplace(name_of(job), std::to_string(job.number));
  }
  for (const jobs::Job& job : parsed.jobs) {
    const auto* const prime = std::get_if<jobs::Prime>(&job.work);
    const auto* const number = prime ? std::get_if<primes::Integer>(&prime->numbers) : nullptr;
    outcome.jobs.emplace(job.id, number ? number->to_string() : "other");
  }
  for (const auto& rejected : parsed.rejected) {
    outcome.rejected.push_back(rejected.fault.to_string(to_string(rejected.code)));
  }
  return outcome;
}

std::vector<Verdict> all_verdicts() {
  std::vector<Verdict> verdicts;
  for (const bool prime : {false, true}) {
    for (const auto certainty : {primes::Certainty::proven, primes::Certainty::probable}) {
      for (int method = 0; method <= static_cast<int>(primes::Method::miller_rabin); ++method) {
        verdicts.push_back({prime, certainty, primes::Method(method)});
      }
    }
  }
  return verdicts;
}

constexpr auto some_time = jobs::Timestamp(std::chrono::milliseconds(1'790'000'000'007));

}  // namespace

TEST_SUITE_BEGIN("plain_work");

TEST_CASE("sorting plain jobs out changes neither what is accepted nor what is rejected") {
  std::mt19937_64 random(7);
  const std::vector<std::string> others = {
      "\n",
      "nonsense\n",
      "{\"kind\": \"countdown\", \"id\": \"3\"}\n",
      "{\"kind\": \"prime\", \"number\": 7, \"id\": \"4\", \"method\": \"auto\"}\n",
      "{\"kind\": \"prime\", \"number\": \"123456789012345678901\"}\n",
      "{\"kind\":\"prime\",\"number\":7,\"id\":\"job-3\"}\n"};
  for (int round = 0; round < 50; ++round) {
    std::string text = "{\"kind\":\"prime\",\"number\":1}\n";
    for (int line = 0; line < 60; ++line) {
      const std::string id = std::to_string(random() % 30);  // some of them twice
      const std::string number = std::to_string(random() >> (random() % 64));
      switch (random() % 4) {
        case 0: text += others[random() % others.size()]; break;
        case 1: text += "{\"kind\":\"prime\",\"number\":" + number + "}\r\n"; break;
        default: text += "{\"id\":\"" + id + "\",\"kind\":\"prime\",\"number\":" + number + "}\n";
      }
    }
    const Chunk lines = chunk(text);
    CHECK(outcome_of(lines, true) == outcome_of(lines, false));
  }
}

TEST_CASE("a limit on digits that a word may pass leaves every line to the other reader") {
  ChunkContext context({.folder = {}, .max_digits = 2, .max_digits_fixed = true}, std::nullopt);
  context.sort_out_plain = true;
  const auto parsed = jobs::parse_chunk(
      chunk("{\"kind\":\"prime\",\"number\":77}\n{\"kind\":\"prime\",\"number\":777}\n"), context);
  CHECK(parsed.plain.empty());
  CHECK(parsed.jobs.size() == 1);
  CHECK(parsed.rejected.size() == 1);
}

TEST_CASE("jobs that are all for the loop are none that the pool may work on") {
  ChunkContext context({}, jobs::Executor::loop);
  context.sort_out_plain = true;
  const auto slice =
      jobs::work(chunk("{\"kind\":\"prime\",\"number\":7}\n"), context, jobs::StopTokens());
  CHECK(slice.records.empty());
  CHECK(slice.others.size() == 1);
}

TEST_CASE("the records of many jobs are those of each") {
  const auto verdicts = all_verdicts();
  std::vector<PlainJob> jobs(verdicts.size());
  std::string expected;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (i % 3 != 0) jobs[i].id = i % 3 == 1 ? "a" : "the \"number\":\" of' a job_id\":";
    if (i % 3 == 2) jobs[i].id = "number:'job_id'";
    jobs[i].number = UINT64_MAX >> i;
    jobs[i].position = i * i;
    const std::string name = name_of(jobs[i]);
    const jobs::Ending ending{jobs::State::succeeded, some_time, std::chrono::nanoseconds(1234),
                              jobs::NumberResult{std::to_string(jobs[i].number), verdicts[i]}};
    append(expected, jobs::ResultRecord{name, "prime", 1, ending});
  }
  std::string records = "before\n";
  append(records, jobs::PlainResults{jobs, verdicts, some_time, std::chrono::nanoseconds(1234)});
  CHECK(records == "before\n" + expected);
}

TEST_CASE("the records of many numbers are those of each") {
  const auto verdicts = all_verdicts();
  for (const char* const id : {"a", "", "an \"index\":0,\"number\":\" \n\xC3\xBC"}) {
    std::vector<std::uint64_t> numbers;
    std::string expected;
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      numbers.push_back(UINT64_MAX >> (2 * i));
      const std::string number = std::to_string(numbers[i]);
      append(expected, jobs::CheckRecord{id, 95 + i, number, verdicts[i]});
    }
    std::string records = "before\n";
    append(records, jobs::CheckedNumbers{id, 95, numbers, verdicts});
    CHECK(records == "before\n" + expected);
  }
}

TEST_CASE("plain jobs are worked in their order with the verdict of each") {
  std::vector<PlainJob> jobs(1'000);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].number = i;
    jobs[i].position = i + 1;
  }
  std::string text;
  CHECK(jobs::work_plain(jobs, {}, text) == 1'000);
  const auto records = support::parse_records(text);
  REQUIRE(records.size() == 1'000);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const Verdict verdict = primes::check(primes::Integer(i));
    CHECK(records[i]["job_id"] == "job-" + std::to_string(i + 1));
    CHECK(records[i]["result"]["number"] == std::to_string(i));
    CHECK(records[i]["result"]["prime"] == verdict.prime);
    CHECK(records[i]["result"]["method"] == to_string(verdict.method));
    CHECK(records[i]["duration_ns"].get<std::int64_t>() >= 0);
  }
}

TEST_CASE("plain jobs that a stop keeps from beginning are unfinished") {
  const Chunk lines =
      chunk("{\"kind\":\"prime\",\"number\":7}\n{\"kind\":\"prime\",\"number\":8,\"id\":\"b\"}\n");
  ChunkContext context({}, std::nullopt);
  context.sort_out_plain = true;
  std::stop_source begin;
  begin.request_stop();
  auto slice = jobs::work(lines, context, {{}, {}, begin.get_token()});
  CHECK(slice.records.empty());
  CHECK(slice.counts == jobs::Counts());  // they are accepted once the ledger knows them
  REQUIRE(slice.unfinished.size() == 2);
  CHECK_FALSE(slice.unfinished[0].has_begun());
  const auto later = support::parse_records(jobs::work(std::move(slice.unfinished), {}).records);
  REQUIRE(later.size() == 2);
  CHECK(later[0]["job_id"] == "job-1");
  CHECK(later[1]["job_id"] == "b");
  CHECK(later[1]["result"]["number"] == "8");
}

TEST_CASE("plain jobs go on where begun checks keep others from beginning") {
  const Chunk lines =
      chunk("{\"kind\":\"prime\",\"number\":7}\n{\"kind\": \"prime\", \"number\": \"0x7\"}\n");
  ChunkContext context({}, std::nullopt);
  context.sort_out_plain = true;
  std::stop_source begin;
  begin.request_stop();
  const auto slice = jobs::work(lines, context, {begin.get_token(), {}, {}});
  CHECK(slice.counts == jobs::Counts{.accepted = 1, .succeeded = 1});
  CHECK(slice.unfinished.size() == 1);
}
