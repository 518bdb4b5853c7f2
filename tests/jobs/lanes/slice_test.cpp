#include "jobs/lanes/slice.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "jobs/run/run_support.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::PrimeRun;
using support::parse_records;
using support::prime;
using support::slow_prime;

/// Stop requests that a test makes.
struct Stops {
  std::stop_source begin;
  std::stop_source go_on;
  std::stop_source begin_plain;
  jobs::StopTokens tokens() const {
    return {begin.get_token(), go_on.get_token(), begin_plain.get_token()};
  }
};

std::vector<PrimeRun> runs_of(std::vector<jobs::Job> list) {
  std::vector<PrimeRun> runs;
  for (jobs::Job& job : list) runs.emplace_back(job.id, std::get<jobs::Prime>(job.work));
  return runs;
}

std::vector<std::string> ids(const std::string& records) {
  std::vector<std::string> ids;
  for (const auto& record : parse_records(records)) ids.push_back(record["job_id"]);
  return ids;
}

using Ids = std::vector<std::string>;

/// Goes on with what a slow machine had no time for.
jobs::Slice worked_to_the_end(jobs::Slice slice) {
  while (!slice.unfinished.empty()) {
    auto next = jobs::work(std::move(slice.unfinished), Stops().tokens());
    slice.records += next.records;
    slice.counts += next.counts;
    slice.unfinished = std::move(next.unfinished);
  }
  return slice;
}

}  // namespace

TEST_SUITE_BEGIN("slice");

TEST_CASE("jobs are worked in their order and counted") {
  auto missing = prime("missing", "7");
  std::get<jobs::Prime>(missing.work).numbers = jobs::NumbersFrom{"/no/such/file"};
  const auto slice = worked_to_the_end(
      jobs::work(runs_of({prime("a", "7"), missing, prime("b", "8")}), Stops().tokens()));
  CHECK(ids(slice.records) == Ids{"a", "missing", "b"});
  CHECK(slice.counts == jobs::Counts{.succeeded = 2, .failed = 1});
}

TEST_CASE("a slice ends by time and hands back what is left") {
  const auto start = aio::Clock::now();
  const auto slice =
      jobs::work(runs_of({slow_prime("b"), slow_prime("c"), prime("d", "7")}), Stops().tokens());
  const auto took = aio::Clock::now() - start;
  CHECK(took >= jobs::slice_time);
  CHECK(took < jobs::slice_time + 5s);
  CHECK(slice.records.empty());
  CHECK(slice.counts == jobs::Counts());
  REQUIRE(slice.unfinished.size() == 3);
  CHECK(slice.unfinished[0].has_started());
  CHECK_FALSE(slice.unfinished[1].has_started());
  CHECK_FALSE(slice.unfinished[2].has_started());
}

TEST_CASE("what is unfinished goes on where it was") {
  auto runs = runs_of({slow_prime("a", 999'999'999'999'989)});
  std::string records;
  for (int i = 0; i < 1000 && records.empty(); ++i) {
    auto slice = jobs::work(std::move(runs), Stops().tokens());
    runs = std::move(slice.unfinished);
    records += slice.records;
  }
  CHECK(ids(records) == Ids{"a"});
}

TEST_CASE("a stop of beginnings lets what has begun go on") {
  Stops stops;
  auto runs = runs_of({prime("begun", "7"), prime("new", "7")});
  std::string records;
  runs[0] = std::move(jobs::work(runs_of({slow_prime("begun")}), stops.tokens()).unfinished[0]);
  stops.begin.request_stop();
  const auto slice = jobs::work(std::move(runs), stops.tokens());
  REQUIRE(slice.unfinished.size() == 2);
  CHECK(slice.unfinished[0].has_started());
  CHECK_FALSE(slice.unfinished[1].has_started());
  const auto nothing = jobs::work(runs_of({prime("new", "7")}), stops.tokens());
  CHECK(nothing.records.empty());
  CHECK(nothing.unfinished.size() == 1);
}

TEST_CASE("a stop of all ends the slice at once") {
  Stops stops;
  auto begun = std::move(jobs::work(runs_of({slow_prime("a")}), stops.tokens()).unfinished);
  stops.go_on.request_stop();
  const auto slice = jobs::work(std::move(begun), stops.tokens());
  CHECK(slice.unfinished.size() == 1);
  CHECK(slice.counts == jobs::Counts());
}

TEST_CASE("lines become checks and other jobs and rejections") {
  jobs::LineContext context({}, std::nullopt);
  jobs::Lines lines;
  lines.text =
      "{\"kind\": \"prime\", \"number\": 7}\n"
      "{\"kind\": \"countdown\"}\n"
      "nonsense\n"
      "{\"kind\": \"prime\", \"number\": 7, \"executor\": \"loop\"}\n"
      "{\"kind\": \"countdown\", \"executor\": \"thread\"}\n";
  const auto slice = worked_to_the_end(jobs::work(lines, context, Stops().tokens()));
  const auto records = parse_records(slice.records);
  REQUIRE(records.size() == 2);
  CHECK(records[0]["event"] == "rejected");
  CHECK(records[0]["line"] == 3);
  CHECK(records[1]["job_id"] == "job-1");
  CHECK(slice.counts == jobs::Counts{.accepted = 4, .succeeded = 1, .rejected = 1});
  REQUIRE(slice.others.size() == 3);
  CHECK(slice.others[0].id == "job-2");
  CHECK(slice.others[2].id == "job-5");
}

TEST_CASE("lines are accepted and not begun after a stop of beginnings") {
  Stops stops;
  stops.begin.request_stop();
  jobs::LineContext context({}, std::nullopt);
  jobs::Lines lines;
  lines.text = "{\"kind\": \"prime\", \"number\": 7}\n";
  const auto slice = jobs::work(lines, context, stops.tokens());
  CHECK(slice.records.empty());
  CHECK(slice.counts == jobs::Counts{.accepted = 1});
  CHECK(slice.unfinished.size() == 1);
}

TEST_CASE("where a job is done is said for all or by itself or by its kind") {
  using jobs::Executor;
  const auto check = prime("a", "7");
  const auto own = prime("a", "7", primes::Algorithm::automatic, Executor::loop);
  const auto countdown = support::countdown("c", 3, 1s);
  CHECK(jobs::executor_of(check, {}) == Executor::thread);
  CHECK(jobs::executor_of(own, {}) == Executor::loop);
  CHECK(jobs::executor_of(own, Executor::thread) == Executor::thread);
  CHECK(jobs::executor_of(countdown, {}) == Executor::loop);
  CHECK(jobs::executor_of(countdown, Executor::thread) == Executor::thread);
  CHECK(jobs::is_for_pool(check, {}));
  CHECK_FALSE(jobs::is_for_pool(check, Executor::loop));
  CHECK_FALSE(jobs::is_for_pool(countdown, Executor::thread));
}
