#include "aio/run.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "aio/testing.hpp"
#include "support/loop_test.hpp"

using namespace support;

namespace {

aio::Coro<int> add(int a, int b) {
  co_await aio::sleep(0);
  co_return a + b;
}

aio::Coro<void> remember_loop(aio::Future<>& future) {
  future = aio::get_running_loop().create_future();
  co_return;
}

aio::Coro<void> fail_after_start(aio::Future<>& future) {
  co_await remember_loop(future);
  throw std::runtime_error("main failed");
}

aio::Coro<void> cancel_itself() {
  aio::current_task().cancel("enough");
  co_await aio::sleep(1h);
}

aio::Coro<void> mark(bool& started) {
  started = true;
  co_return;
}

aio::Coro<void> run_inside(bool& started) {
  CHECK_THROWS_AS(aio::run(mark(started)), aio::RuntimeError);
  CHECK_THROWS_AS(aio::testing::run(mark(started)), aio::RuntimeError);
  CHECK_THROWS_AS(aio::run(mark, std::ref(started)), aio::RuntimeError);
  co_await aio::sleep(1us);  // the outer loop is as it was
}

aio::Coro<void> append(std::string& log, std::string what) {
  log += what;
  co_return;
}

aio::Coro<void> leftover(std::string& log) {
  bool cancelled = false;
  try {
    co_await aio::sleep(1h);
  } catch (const aio::CancelledError&) {
    cancelled = true;
  }
  if (!cancelled) co_return;
  co_await aio::sleep(1s);  // cleaning up takes its time
  co_await append(log, "cleaned;");
  throw std::runtime_error("leftover failed");
}

aio::Coro<int> leave_something(ReportLog& reports, std::string& log) {
  reports.listen_to(aio::get_running_loop());
  static_cast<void>(aio::create_task(leftover(log), "left"));
  co_await aio::sleep(1us);
  log += "main;";
  co_return 7;
}

/// Leaves more work than the default executor has workers.
aio::Coro<void> leave_work(std::atomic<int>& finished, bool fails) {
  const auto work = [&finished](const std::stop_token& stop) {
    for (int i = 0; i < 100; ++i) std::this_thread::yield();
    if (!stop.stop_requested()) ++finished;
  };
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(aio::get_running_loop().run_in_executor(nullptr, work));
  }
  if (fails) throw std::runtime_error("main failed");
  co_return;
}

/// Ends once all parties are here: then their loops run at the same time.
aio::Coro<int> meet(std::barrier<>& all, int number) {
  co_await aio::sleep(1us);
  all.arrive_and_wait();
  co_await aio::sleep(1us);
  co_return number;
}

aio::Coro<void> stop_early() {
  aio::get_running_loop().stop();
  co_await aio::sleep(1h);
}

}  // namespace

TEST_CASE("[R1] run returns what main returns") {
  CHECK(aio::run(add(1, 2)) == 3);
  CHECK(aio::run(add, 3, 4) == 7);
  CHECK(aio::testing::run(add, 3, 4) == 7);
}

TEST_CASE("[R1] run throws what main throws and closes the loop either way") {
  aio::Future<> future;
  aio::run(remember_loop(future));
  CHECK(future.state()->loop().is_closed());
  CHECK_THROWS_WITH_AS(aio::run(fail_after_start(future)), "main failed", std::runtime_error);
  CHECK(future.state()->loop().is_closed());
  CHECK_THROWS_AS(aio::run(cancel_itself()), aio::CancelledError);
  CHECK_THROWS_AS(aio::get_running_loop(), aio::RuntimeError);
}

TEST_CASE("[R1] each run has a fresh loop") {
  aio::Future<> first;
  aio::Future<> second;
  aio::run(remember_loop(first));
  aio::run(remember_loop(second));
  CHECK(&first.state()->loop() != &second.state()->loop());
}

TEST_CASE("[R2] leftover tasks are cancelled and awaited and their errors go to the handler") {
  ReportLog reports;
  std::string log;
  CHECK(aio::testing::run(leave_something(reports, log)) == 7);
  CHECK(log == "main;cleaned;");
  REQUIRE(reports.reports.size() == 1);
  CHECK(text_of(reports.reports[0].exception) == "leftover failed");
  CHECK(reports.reports[0].source.find("'left'") != std::string::npos);
}

TEST_CASE("[R3] run lets the default executor finish all its work whether main failed or not") {
  std::atomic<int> finished = 0;
  aio::run(leave_work(finished, false));
  CHECK(finished == 100);
  CHECK_THROWS_AS(aio::run(leave_work(finished, true)), std::runtime_error);
  CHECK(finished == 200);
}

TEST_CASE("[R4] run inside a running loop throws and starts nothing") {
  bool started = false;
  aio::run(run_inside(started));
  CHECK_FALSE(started);
}

TEST_CASE("run whose loop is stopped before main ends throws and cancels main") {
  CHECK_THROWS_AS(aio::testing::run(stop_early()), aio::RuntimeError);
}

TEST_CASE("run works on several threads at a time") {
  std::atomic<int> sum = 0;
  std::barrier all(4);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] { sum += aio::run(meet, std::ref(all), i); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(sum == 6);
}
