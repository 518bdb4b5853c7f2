#include "jobs/run/run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "jobs/run/run_support.hpp"
#include "support/loop_test.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Executor;
using jobs::RunOptions;
using support::countdown;
using support::prime;
using support::RunTest;
using support::slow_prime;
constexpr auto automatic = primes::Algorithm::automatic;

RunOptions all_on(Executor executor) {
  RunOptions options;
  options.executor = executor;
  return options;
}

RunOptions open_at_most(std::size_t jobs) {
  RunOptions options;
  options.max_open_jobs = jobs;
  return options;
}

std::vector<jobs::Job> chapter() {
  return {countdown("A", 3, 1s),        countdown("B", 3, 800ms),
          countdown("C", 3, 500ms),     prime("large", "9637529763296797"),
          prime("medium", "427920331"), prime("small", "157")};
}

std::string values(const RunTest& test) {
  std::string values;
  for (const auto& tick : test.records("tick")) {
    values += tick["job_id"].get<std::string>() + std::to_string(tick["value"].get<int>()) + " ";
  }
  return values;
}

}  // namespace

TEST_SUITE_BEGIN("run");

TEST_CASE("the chapter's jobs end in the chapter's order") {
  RunTest test(aio::testing::virtual_time, 2);
  test.work(chapter());
  CHECK(values(test) == "C3 B3 A3 C2 C1 B2 A2 B1 A1 ");
  const auto records = test.records();
  REQUIRE(records.size() == 15);
  for (std::size_t i = 0; i < 3; ++i) CHECK(records[i]["kind"] == "prime");
  for (const auto& [id, state] : test.states()) CHECK(state == "succeeded");
  for (const auto& tick : test.records("tick")) CHECK(tick["lateness_ms"] == 0.0);
  CHECK_FALSE(test.run.left_work());
}

TEST_CASE("many numbers of one job are told in their order and once each") {
  RunTest test;
  std::vector<primes::Integer> numbers;
  for (std::uint64_t number = 0; number < 12'000; ++number) numbers.emplace_back(number);
  test.work({{"many", Executor::thread, jobs::Prime{numbers}}});
  REQUIRE(test.file.text().size() > 4 * jobs::slice_bytes);  // the worker handed over pieces
  const auto checks = test.records("check");
  REQUIRE(checks.size() == numbers.size());
  for (std::size_t i = 0; i < checks.size(); ++i) {
    REQUIRE(checks[i]["index"] == i);
    REQUIRE(checks[i]["number"] == std::to_string(i));
  }
  CHECK(test.records("result").at(0)["result"]["primes"] == 1438);
}

TEST_CASE("every kind ends on every executor") {
  RunTest test;
  std::vector<jobs::Job> list;
  for (const Executor executor : {Executor::loop, Executor::thread}) {
    const std::string at = executor == Executor::loop ? "-loop" : "-thread";
    list.push_back(countdown("c" + at, 2, 1ms, executor));
    list.push_back(countdown("none" + at, 0, 1h, executor));
    list.push_back(prime("p" + at, "18446744073709551557", automatic, executor));
    jobs::Job missing = prime("missing" + at, "7", automatic, executor);
    std::get<jobs::Prime>(missing.work).numbers = jobs::NumbersFrom{"/no/such/file"};
    list.push_back(missing);
  }
  test.work(list);
  const auto states = test.states();
  CHECK(states.size() == list.size());
  for (const auto& [id, state] : states) {
    CHECK((state == "failed") == id.starts_with("missing"));
  }
  CHECK(test.records("tick").size() == 4);
  CHECK(test.run.counts() == jobs::Counts{.accepted = 8, .succeeded = 6, .failed = 2});
}

TEST_CASE("an empty list ends at once") {
  RunTest test;
  test.work({});
  CHECK(test.file.text().empty());
  CHECK(test.run.counts() == jobs::Counts());
  CHECK_FALSE(test.run.left_work());
}

TEST_CASE("one executor may do all") {
  for (const Executor executor : {Executor::loop, Executor::thread}) {
    RunTest test(3, all_on(executor));
    test.work({countdown("c", 2, 1ms), prime("p", "7"), countdown("d", 1, 0s, Executor::loop),
               prime("q", "8", automatic, Executor::thread)});
    CHECK(test.run.counts().succeeded == 4);
  }
}

TEST_CASE("a list may be longer than all that waits") {
  RunTest test(1);
  std::vector<jobs::Job> list;
  for (int i = 0; i < 5000; ++i) list.push_back(prime(std::to_string(i), std::to_string(i)));
  test.work(list);
  CHECK(test.run.counts().succeeded == 5000);
  CHECK(test.states().size() == 5000);
}

TEST_CASE("no more jobs are open than allowed") {
  RunTest test(aio::testing::virtual_time, 1, open_at_most(3));
  std::vector<jobs::Job> list;
  for (int i = 0; i < 10; ++i) list.push_back(countdown(std::to_string(i), 1, 1s));
  std::vector<std::size_t> open;
  for (int i = 0; i < 4; ++i) {
    test.loop.call_at(aio::TimePoint(i * 1s + 500ms),
                      [&] { open.push_back(test.run.open_jobs()); });
  }
  test.work(list);
  CHECK(open == std::vector<std::size_t>{3, 3, 3, 1});
  CHECK(test.loop.time() == aio::TimePoint(4s));
}

TEST_CASE("jobs for the loop start at once however many checks stand before them") {
  RunTest test(2);
  std::vector<jobs::Job> list;
  for (int i = 0; i < 3000; ++i) list.push_back(slow_prime(std::to_string(i)));
  list.push_back(countdown("c", 2, 1ms));
  list.push_back(prime("p", "7", automatic, Executor::loop));
  test.stop_when(
      [&run = test.run] { return run.counts().succeeded == 2 && run.begun_checks() == 2; },
      aio::Duration::min());
  test.work(list);
  CHECK(test.states().at("c") == "succeeded");
  CHECK(test.states().at("p") == "succeeded");
  CHECK(test.run.counts().interrupted == 2);
}

TEST_CASE("checks on the loop take turns and keep nobody waiting") {
  RunTest test(1, all_on(Executor::loop));
  test.stop_now_after_successes(2);
  test.work({slow_prime("a"), slow_prime("b"), countdown("c", 10, 10ms), prime("small", "7")});
  const auto states = test.states();
  CHECK(states.at("small") == "succeeded");
  CHECK(states.at("c") == "succeeded");
  CHECK(states.at("a") == "interrupted");
  CHECK(states.at("b") == "interrupted");
  CHECK(test.records()[0]["job_id"] == "small");
}

TEST_CASE("on threads countdowns wait for a worker") {
  RunTest test(1, all_on(Executor::thread));
  test.work({countdown("first", 2, 10ms), countdown("second", 2, 1ms)});
  CHECK(values(test) == "first2 first1 second2 second1 ");
}

TEST_CASE("an output that fails ends the run") {
  std::signal(SIGPIPE, SIG_IGN);
  support::Pipe pipe;
  aio::EventLoop loop;
  jobs::Output output(loop, pipe.writer());
  jobs::Run run(loop, output, aio::ThreadPoolExecutor(2), RunOptions());
  output.on_failure([&run] { run.stop_now(); });
  loop.call_later(20ms, [&pipe] { pipe.close_reader(); });
  std::vector<jobs::Job> list{slow_prime("slow"), countdown("never", 1, 100h),
                              countdown("busy", 1'000'000, 1ms),
                              countdown("thread", 1'000'000, 1ms, Executor::thread)};
  for (int i = 0; i < 500; ++i) list.push_back(prime(std::to_string(i), "7"));
  const auto start = aio::Clock::now();
  jobs::ListSource source(list);
  loop.run_until_complete(run.work(source));
  CHECK(aio::Clock::now() - start < 2s);
  CHECK(output.error() == std::errc::broken_pipe);
  const jobs::Counts counts = run.counts();
  CHECK(counts.accepted == 504);
  CHECK(counts.accepted == counts.succeeded + counts.interrupted + counts.left);
  CHECK(counts.interrupted >= 2);
  CHECK(run.open_jobs() == 0);
  loop.close();
}

TEST_CASE("a reader that is slow gets every record") {
  support::Pipe pipe;
  aio::EventLoop loop;
  jobs::Output output(loop, pipe.writer());
  jobs::Run run(loop, output, aio::ThreadPoolExecutor(2), RunOptions());
  std::vector<primes::Integer> numbers(12'000, primes::Integer(7));
  std::vector<jobs::Job> list;
  for (const Executor executor : {Executor::loop, Executor::thread}) {
    list.push_back({executor == Executor::loop ? "l" : "t", executor, jobs::Prime{numbers}});
    list.push_back(countdown(executor == Executor::loop ? "cl" : "ct", 20, 0s, executor));
  }
  jobs::ListSource source(list);
  const auto work = loop.create_task(run.work(source));
  loop.run_until_complete(aio::sleep(50ms));
  CHECK_FALSE(work.done());  // 3 MB do not fit
  std::string text;
  const auto flushed = loop.create_task(
      [](const aio::Task<void>& working, jobs::Output& out) -> aio::Coro<void> {
        co_await working;
        co_await out.flush();
      },
      work, std::ref(output));
  while (!flushed.done()) {
    text += pipe.read();
    support::run_turns(loop, 1);
  }
  for (std::string more; !(more = pipe.read()).empty();) text += more;
  CHECK(support::parse_records(text).size() == 24'000 + 40 + 4);
  loop.close();
}

TEST_CASE("a pool that gives way ends the run with its error") {
  const aio::ThreadPoolExecutor pool(2);
  const support::MemoryFile file;
  aio::EventLoop loop;
  jobs::Output output(loop, file.fd());
  jobs::Run run(loop, output, pool, RunOptions());
  pool.shutdown();
  jobs::ListSource source({prime("p", "7")});
  CHECK_THROWS_AS(loop.run_until_complete(run.work(source)), aio::RuntimeError);
  loop.close();
}
