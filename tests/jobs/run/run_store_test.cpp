// What a run does while its store takes its time, and when the store fails.

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "jobs/run/run.hpp"
#include "jobs/run/run_support.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Change;
using jobs::Counts;
using support::countdown;
using support::prime;
using support::slow_prime;

/// Keeps a change when it is told to.
class HeldStore final : public jobs::Store {
 public:
  void commit(Change change) override { held_.push_back(std::move(change)); }

  std::size_t held() const { return held_.size(); }
  void keep(std::size_t count) {
    for (; count > 0 && !held_.empty(); --count) {
      Change change = std::move(held_.front());
      held_.pop_front();
      tell(std::move(change));
    }
  }

 private:
  std::deque<Change> held_;
};

/// A list that counts what it is told is accepted for good.
class CountingSource final : public jobs::Source {
 public:
  explicit CountingSource(std::vector<jobs::Job> list) : list_(std::move(list)) {}
  std::vector<jobs::Job> take_known() override { return std::move(list_); }
  void acknowledge(std::uint64_t count) override { acknowledged += count; }

  std::uint64_t acknowledged = 0;

 private:
  std::vector<jobs::Job> list_;
};

/// A run whose changes are kept when the test says so.
struct StoredRun {
  explicit StoredRun(std::vector<jobs::Job> list) : source(std::move(list)) {}
  StoredRun(const StoredRun&) = delete;
  StoredRun& operator=(const StoredRun&) = delete;
  ~StoredRun() { loop.close(); }

  void start() { working = loop.create_task(run.work(source)); }
  std::string told() {
    loop.run_until_complete(output.flush());
    return file.text();
  }
  /// Lets the run go on with what it has.
  void go_on() { loop.run_until_complete(aio::sleep(1ms)); }
  /// Keeps `count` changes at a time until the run has ended.
  void finish(std::size_t count) {
    while (!working.done()) {
      store->keep(count);
      go_on();
    }
    loop.run_until_complete(working);
  }

  support::MemoryFile file;
  CountingSource source;
  aio::EventLoop loop{aio::testing::virtual_time};
  jobs::Output output{loop, file.fd()};
  std::unique_ptr<HeldStore> owned = std::make_unique<HeldStore>();
  HeldStore* store = owned.get();
  jobs::Run run{loop, output, aio::ThreadPoolExecutor(2), {}, std::move(owned)};
  aio::Task<void> working;
};

std::vector<jobs::Job> one_of_each() {
  return {countdown("loop", 1, 1ms), countdown("thread", 1, 0s, jobs::Executor::thread),
          prime("check", "7"), prime("step", "7", {}, jobs::Executor::loop)};
}

}  // namespace

TEST_SUITE_BEGIN("run_store");

TEST_CASE("nothing is told and no work starts before the store has kept what led to it") {
  StoredRun test(one_of_each());
  test.start();
  for (int i = 0; i < 20; ++i) test.go_on();
  CHECK(test.source.acknowledged == 0);
  CHECK(test.told().empty());
  CHECK(test.run.begun_checks() == 0);
  CHECK_FALSE(test.working.done());
  // One by one: a result is told with the change that is its job's end, and no sooner.
  std::uint64_t results = 0;
  while (!test.working.done()) {
    test.store->keep(1);
    test.go_on();
    std::uint64_t told = 0;
    for (const auto& record : support::parse_records(test.told())) {
      if (record["event"] == "result") ++told;
    }
    CHECK(told <= results + 1);
    results = told;
  }
  CHECK(results == 4);
  CHECK(test.source.acknowledged == 4);
  CHECK(test.run.counts() == Counts{.accepted = 4, .succeeded = 4});
}

TEST_CASE("a run does not end before the store has kept its last change") {
  StoredRun test({prime("check", "7")});
  test.start();
  for (int i = 0; i < 2; ++i) {  // admitted, begun
    while (test.store->held() == 0) test.go_on();
    test.store->keep(1);
  }
  while (test.store->held() == 0) test.go_on();
  for (int i = 0; i < 20; ++i) test.go_on();
  CHECK_FALSE(test.working.done());
  CHECK(test.told().empty());
  test.store->keep(1);
  for (int i = 0; i < 5; ++i) test.go_on();
  CHECK(test.working.done());
  CHECK(support::parse_records(test.told()).size() == 1);
}

TEST_CASE("a stop leaves what the store has not let begin") {
  for (const bool at_once : {false, true}) {
    StoredRun test(one_of_each());
    test.start();
    test.go_on();
    if (at_once) {
      test.run.stop_now();
    } else {
      test.run.stop(aio::TimePoint::max());
    }
    test.finish(1);
    CHECK(test.run.counts() == Counts{.accepted = 4, .left = 4});
    CHECK(test.told().empty());
    CHECK(test.run.left_work());
  }
}

TEST_CASE("whatever the pace of the store every job ends once") {
  for (const std::size_t pace : {1U, 2U, 7U, 1000U}) {
    std::vector<jobs::Job> list;
    for (int i = 0; i < 300; ++i) list.push_back(prime(std::to_string(i), std::to_string(i)));
    for (int i = 0; i < 20; ++i) list.push_back(countdown("c" + std::to_string(i), 2, 1ms));
    StoredRun test(std::move(list));
    test.start();
    test.finish(pace);
    CHECK(test.run.counts() == Counts{.accepted = 320, .succeeded = 320});
    CHECK(test.source.acknowledged == 320);
  }
}
