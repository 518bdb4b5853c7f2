#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "jobs/run/run.hpp"
#include "jobs/run/run_support.hpp"
#include "support/loop_test.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Counts;
using jobs::Executor;
using jobs::RunOptions;
using support::countdown;
using support::prime;
using support::RunTest;
using support::slow_prime;
using States = std::map<std::string, std::string>;

std::vector<jobs::Job> sixteen_slow() {
  std::vector<jobs::Job> list;
  for (int i = 1; i <= 16; ++i) list.push_back(slow_prime(std::to_string(i)));
  return list;
}

/// The two that had begun, in the order of the list, were interrupted, and the rest is left.
void check_sixteen(const RunTest& test) {
  CHECK(test.run.counts() == Counts{.accepted = 16, .interrupted = 2, .left = 14});
  CHECK(test.states() == States{{"1", "interrupted"}, {"2", "interrupted"}});
}

const std::string line = "{\"kind\": \"prime\", \"number\": 7}\n";

}  // namespace

TEST_SUITE_BEGIN("run_stop");

TEST_CASE("a stop before the work leaves all of a list") {
  RunTest test;
  SUBCASE("with a grace") { test.run.stop(aio::TimePoint::max()); }
  SUBCASE("at once") { test.run.stop_now(); }
  test.work({prime("p", "7"), countdown("c", 0, 0s), countdown("t", 0, 0s, Executor::thread),
             prime("l", "7", primes::Algorithm::automatic, Executor::loop)});
  CHECK(test.run.counts() == Counts{.accepted = 4, .left = 4});
  CHECK(test.run.left_work());
  CHECK(test.file.text().empty());
}

TEST_CASE("a stop before the first step leaves all of a list") {
  RunTest test;
  test.loop.call_soon([&test] { test.run.stop(aio::TimePoint::max()); });
  test.work({prime("p", "7"), countdown("c", 0, 0s)});
  CHECK(test.run.counts().left == 2);
}

TEST_CASE("a stop before the work takes in no line") {
  const support::MemoryFile list(line);
  jobs::LineReader lines(list.fd(), {});
  RunTest test;
  test.run.stop(aio::TimePoint::max());
  test.work(lines);
  CHECK(test.run.counts() == Counts());
  CHECK(test.run.left_work());
}

TEST_CASE("a stop after the end leaves nothing") {
  RunTest test;
  test.work({prime("p", "7")});
  test.run.stop(test.loop.time());
  test.run.stop_now();
  CHECK(test.run.counts() == Counts{.accepted = 1, .succeeded = 1});
  CHECK_FALSE(test.run.left_work());
}

TEST_CASE("countdowns that cannot end in time are interrupted at once and the others go on") {
  RunTest test(aio::testing::virtual_time, 1);
  test.stop_after(1500ms, 8s);
  test.work({countdown("ends", 9, 1s), countdown("in time", 19, 500ms),
             countdown("too late", 10, 1s), countdown("never", 1'000'000'000, 1h)});
  CHECK(test.states() == States{{"ends", "succeeded"},
                                {"in time", "succeeded"},
                                {"too late", "interrupted"},
                                {"never", "interrupted"}});
  for (const auto& result : test.records("result")) {
    if (result["state"] == "interrupted") CHECK(result["duration_ns"] == 1'500'000'000);
  }
  CHECK(test.loop.time() == aio::TimePoint(9500ms));
  CHECK(test.run.left_work());
}

TEST_CASE("a stop that interrupts nothing loses nothing") {
  RunTest test(aio::testing::virtual_time, 1);
  test.stop_after(1500ms, 8s);
  test.work({countdown("A", 3, 1s), prime("p", "7")});
  CHECK(test.run.counts().succeeded == 2);
  CHECK_FALSE(test.run.left_work());
}

TEST_CASE("countdowns on threads are stopped like those on the loop") {
  RunTest test(2);
  test.stop_when([&test] { return test.run.open_jobs() == 2; }, 10s);
  const auto start = aio::Clock::now();
  test.work({countdown("in time", 3, 20ms, Executor::thread),
             countdown("too late", 1, 1h, Executor::thread),
             countdown("waits", 0, 0s, Executor::thread)});
  CHECK(aio::Clock::now() - start < 1s);
  CHECK(test.states() == States{{"in time", "succeeded"}, {"too late", "interrupted"}});
  CHECK(test.run.counts().left == 1);
}

TEST_CASE("at the end of the grace what runs is interrupted and what waits is left") {
  RunTest test(2);
  test.stop_twice_when_begun(2);
  test.work(sixteen_slow());
  check_sixteen(test);
}

TEST_CASE("an end without a grace is the same") {
  RunTest test(2);
  test.stop_now_when_begun(2);
  test.work(sixteen_slow());
  check_sixteen(test);
}

TEST_CASE("checks that have begun end within the grace") {
  RunTest test(1);
  std::vector<jobs::Job> list;
  for (int i = 0; i < 4; ++i) list.push_back(slow_prime(std::to_string(i), 999'999'999'999'989));
  test.stop_when_begun(1, 1h);
  test.work(list);
  CHECK(test.run.counts() == Counts{.accepted = 4, .succeeded = 1, .left = 3});
}

TEST_CASE("on the loop what has begun goes on and what has not is left") {
  RunOptions options;
  options.executor = Executor::loop;
  options.max_open_jobs = 2;
  RunTest test(1, options);
  test.stop_twice_when_begun(2);
  test.work(sixteen_slow());
  check_sixteen(test);
}

TEST_CASE("a stop reaches those who wait for room") {
  RunOptions options;
  options.max_open_jobs = 1;
  RunTest test(aio::testing::virtual_time, 1, options);
  test.stop_after(1500ms, 1s);
  test.work({countdown("first", 2, 1s), countdown("second", 1, 1s), prime("behind", "7")});
  CHECK(test.states() == States{{"first", "succeeded"}, {"behind", "succeeded"}});
  CHECK(test.run.counts().left == 1);
}

TEST_CASE("a stop while no line is there loses nothing") {
  support::Pipe pipe;
  jobs::LineReader lines(pipe.reader(), {});
  RunTest test;
  pipe.write(line + line);
  test.stop_after_successes(2, 1s);
  test.work(lines);
  CHECK(test.run.counts() == Counts{.accepted = 2, .succeeded = 2});
  CHECK_FALSE(test.run.left_work());
}

TEST_CASE("lines that a worker has are work left if this moment is the end") {
  support::Pipe pipe;
  jobs::LineReader lines(pipe.reader(), {});
  RunTest test;
  bool was_seen = false;
  const auto watch = [](RunTest& run_test, bool& seen) -> aio::Coro<void> {
    while (run_test.run.open_jobs() == 0) co_await aio::sleep(0);
    CHECK(run_test.run.counts() == Counts());
    CHECK(run_test.run.left_work());
    seen = true;
  };
  test.loop.create_task(watch(test, was_seen));
  pipe.write(line);
  pipe.close_writer();
  test.work(lines);
  CHECK(was_seen);
  CHECK(test.run.counts() == Counts{.accepted = 1, .succeeded = 1});
  CHECK_FALSE(test.run.left_work());
}

TEST_CASE("a stop in the middle of a line leaves work") {
  support::Pipe pipe;
  jobs::LineReader lines(pipe.reader(), {});
  RunTest test;
  pipe.write(line + "{\"kind\": ");
  test.stop_after_successes(1, 1s);
  test.work(lines);
  CHECK(test.run.counts() == Counts{.accepted = 1, .succeeded = 1});
  CHECK(test.run.left_work());
}

TEST_CASE("a stop while the queue is full leaves what was not read") {
  std::string text;
  const std::string slow =
      "{\"kind\": \"prime\", \"number\": 18446744073709551557, \"method\": \"trial_division\"}\n";
  constexpr std::size_t lines_in_all = 12 * jobs::LineReader::chunk_lines;
  for (std::size_t i = 0; i < lines_in_all; ++i) text += slow;
  const support::MemoryFile list(text);
  jobs::LineReader lines(list.fd(), {});
  RunTest test(2);
  SUBCASE("with a grace") { test.stop_twice_when_begun(2); }
  SUBCASE("at once") { test.stop_now_when_begun(2); }
  test.work(lines);
  const Counts counts = test.run.counts();
  CHECK(counts.interrupted == 2);
  CHECK(counts.accepted < lines_in_all);
  CHECK(counts.left == counts.accepted - counts.interrupted);
  CHECK(test.run.left_work());
}
