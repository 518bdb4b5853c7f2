#include "jobs/lanes/slice.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "jobs/kinds/start.hpp"
#include "jobs/run/run_support.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Attempt;
using jobs::JobNumber;
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

/// Attempts at jobs that the ledger knows as 1, 2, …
std::vector<Attempt> attempts_at(std::vector<jobs::Job> list) {
  std::vector<Attempt> attempts;
  for (jobs::Job& job : list) {
    attempts.emplace_back(JobNumber{attempts.size() + 1},
                          std::make_shared<const jobs::Job>(std::move(job)));
  }
  return attempts;
}

std::vector<std::string> ids(const std::string& records) {
  std::vector<std::string> ids;
  for (const auto& record : parse_records(records)) ids.push_back(record["job_id"]);
  return ids;
}

using Ids = std::vector<std::string>;
using Numbers = std::vector<std::uint64_t>;

Numbers numbers_of(const std::vector<jobs::EndedAttempt>& ended) {
  Numbers numbers;
  for (const auto& attempt : ended) numbers.push_back(static_cast<std::uint64_t>(attempt.number));
  return numbers;
}

/// Goes on with what a slow machine had no time for.
jobs::Slice worked_to_the_end(jobs::Slice slice) {
  while (!slice.unfinished.empty()) {
    auto next = jobs::work(std::move(slice.unfinished), Stops().tokens());
    slice.records += next.records;
    slice.counts += next.counts;
    for (auto& attempt : next.ended) slice.ended.push_back(std::move(attempt));
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
      jobs::work(attempts_at({prime("a", "7"), missing, prime("b", "8")}), Stops().tokens()));
  CHECK(numbers_of(slice.ended) == Numbers{1, 2, 3});
  CHECK(slice.ended[0].ending.state == jobs::State::succeeded);
  CHECK(slice.ended[1].ending.state == jobs::State::failed);
  CHECK(slice.records.empty());  // results are the ledger's to tell
  CHECK(slice.counts == jobs::Counts());
}

TEST_CASE("a result has its place behind the records that were made before its job ended") {
  auto many = prime("many", "7");
  std::get<jobs::Prime>(many.work).numbers =
      std::vector<primes::Integer>{primes::Integer(7), primes::Integer(8)};
  auto also_many = many;
  also_many.id = "also";
  const auto slice = worked_to_the_end(
      jobs::work(attempts_at({prime("a", "7"), many, also_many}), Stops().tokens()));
  CHECK(ids(slice.records) == Ids{"many", "many", "also", "also"});
  REQUIRE(slice.ended.size() == 3);
  CHECK(slice.ended[0].records_before == 0);
  CHECK(slice.ended[1].records_before == slice.records.find("\"also\"") - 26);
  CHECK(slice.ended[2].records_before == slice.records.size());
}

TEST_CASE("a slice ends by time and hands back what is left") {
  const auto start = aio::Clock::now();
  const auto slice = jobs::work(attempts_at({slow_prime("b"), slow_prime("c"), prime("d", "7")}),
                                Stops().tokens());
  const auto took = aio::Clock::now() - start;
  CHECK(took >= jobs::slice_time);
  CHECK(took < jobs::slice_time + 5s);
  CHECK(slice.records.empty());
  CHECK(slice.counts == jobs::Counts());
  REQUIRE(slice.unfinished.size() == 3);
  CHECK(slice.unfinished[0].has_begun());
  CHECK_FALSE(slice.unfinished[1].has_begun());
  CHECK_FALSE(slice.unfinished[2].has_begun());
}

TEST_CASE("what is unfinished goes on where it was") {
  auto runs = attempts_at({slow_prime("a", 999'999'999'999'989)});
  std::vector<jobs::EndedAttempt> ended;
  for (int i = 0; i < 1000 && ended.empty(); ++i) {
    auto slice = jobs::work(std::move(runs), Stops().tokens());
    runs = std::move(slice.unfinished);
    ended = std::move(slice.ended);
  }
  CHECK(numbers_of(ended) == Numbers{1});
}

TEST_CASE("a stop of beginnings lets what has begun go on") {
  Stops stops;
  auto runs = attempts_at({prime("begun", "7"), prime("new", "7")});
  runs[0] = std::move(jobs::work(attempts_at({slow_prime("begun")}), stops.tokens()).unfinished[0]);
  stops.begin.request_stop();
  const auto slice = jobs::work(std::move(runs), stops.tokens());
  REQUIRE(slice.unfinished.size() == 2);
  CHECK(slice.unfinished[0].has_begun());
  CHECK_FALSE(slice.unfinished[1].has_begun());
  const auto nothing = jobs::work(attempts_at({prime("new", "7")}), stops.tokens());
  CHECK(nothing.ended.empty());
  CHECK(nothing.unfinished.size() == 1);
}

TEST_CASE("a stop of all ends the slice at once") {
  Stops stops;
  auto begun = std::move(jobs::work(attempts_at({slow_prime("a")}), stops.tokens()).unfinished);
  stops.go_on.request_stop();
  const auto slice = jobs::work(std::move(begun), stops.tokens());
  CHECK(slice.unfinished.size() == 1);
  CHECK(slice.counts == jobs::Counts());
}

TEST_CASE("lines become checks and other jobs and rejections") {
  jobs::ChunkContext context({}, std::nullopt);
  jobs::Chunk chunk;
  chunk.text =
      "{\"kind\": \"prime\", \"number\": 7}\n"
      "{\"kind\": \"countdown\"}\n"
      "nonsense\n"
      "{\"kind\": \"prime\", \"number\": 7, \"executor\": \"loop\"}\n"
      "{\"kind\": \"countdown\", \"executor\": \"thread\"}\n";
  const auto slice = worked_to_the_end(jobs::work(chunk, context, Stops().tokens()));
  const auto records = parse_records(slice.records);
  REQUIRE(records.size() == 2);
  CHECK(records[0]["event"] == "rejected");
  CHECK(records[0]["line"] == 3);
  CHECK(records[1]["job_id"] == "job-1");
  // The others outlive the chunk, and are accepted when they are known to the ledger.
  CHECK(slice.counts == jobs::Counts{.accepted = 1, .succeeded = 1, .rejected = 1});
  REQUIRE(slice.others.size() == 3);
  CHECK(slice.others[0]->id == "job-2");
  CHECK(slice.others[2]->id == "job-5");
}

TEST_CASE("lines are parsed and not begun after a stop of beginnings") {
  Stops stops;
  stops.begin.request_stop();
  jobs::ChunkContext context({}, std::nullopt);
  jobs::Chunk chunk;
  chunk.text = "{\"kind\": \"prime\", \"number\": 7}\n";
  const auto slice = jobs::work(chunk, context, stops.tokens());
  CHECK(slice.records.empty());
  CHECK(slice.counts == jobs::Counts());
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
  CHECK(jobs::is_stepped_on_pool(check, {}));
  CHECK_FALSE(jobs::is_stepped_on_pool(check, Executor::loop));
  CHECK_FALSE(jobs::is_stepped_on_pool(countdown, Executor::thread));
}
