#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <random>
#include <semaphore>
#include <thread>
#include <vector>

#include "aio/event_loop.hpp"
#include "aio/testing.hpp"
#include "support/gate.hpp"
#include "support/loop_test.hpp"

using namespace support;

namespace {

void wait_for(std::binary_semaphore& go) { go.acquire(); }

aio::Coro<int> await_on_pool(aio::ThreadPoolExecutor executor, UntilStopped& work) {
  auto future = aio::get_running_loop().run_in_executor(executor, std::ref(work));
  co_return co_await future;
}

aio::Coro<void> cancel_after_start(const aio::ThreadPoolExecutor& executor, UntilStopped& work) {
  const auto task = aio::create_task(await_on_pool(executor, work));
  co_await aio::sleep(0);
  work.started.acquire();
  CHECK(work.stopped == 0);
  task.cancel();
  const std::vector<aio::Task<int>> tasks(1, task);
  co_await aio::wait(tasks);
  CHECK(task.cancelled());
  co_await executor.join();
  CHECK(work.stopped == 1);
}

/// Work that a cancelled future leaves behind.
struct Abandoned {
  std::binary_semaphore started{0};
  std::binary_semaphore go{0};
  std::weak_ptr<std::string> held;
  std::atomic<bool> alive = false;
};

aio::Coro<void> abandon(const aio::ThreadPoolExecutor& executor, Abandoned& work) {
  auto held = std::make_shared<std::string>("held");
  work.held = held;
  const auto function = [&work, held] {
    work.started.release();
    work.go.acquire();
    work.alive = *held == "held";
    return std::make_unique<int>(5);
  };
  held = nullptr;
  auto future = aio::get_running_loop().run_in_executor(executor, function);
  work.started.acquire();
  CHECK(future.cancel());
  CHECK(future.cancelled());
  future = {};
  co_await aio::sleep(0);
}

aio::Coro<void> check_abandoned(const aio::ThreadPoolExecutor& executor, Abandoned& work) {
  co_await abandon(executor, work);
  CHECK_FALSE(work.held.expired());
  work.go.release();
  co_await executor.join();
  co_await aio::sleep(0);
  CHECK(work.alive);
  CHECK(work.held.expired());
}

aio::Coro<void> shut_down_with_timeout(ReportLog& log, std::binary_semaphore& go) {
  aio::EventLoop& loop = aio::get_running_loop();
  log.listen_to(loop);
  const auto work = loop.run_in_executor(nullptr, wait_for, std::ref(go));
  const auto start = loop.time();
  co_await loop.shutdown_default_executor(2ms);
  CHECK(loop.time() - start >= 2ms);
  CHECK_FALSE(work.done());
  go.release();
  co_await work;  // goes on, and its end tells nobody twice
}

aio::Coro<void> shut_down(bool& done) {
  co_await aio::get_running_loop().shutdown_default_executor();
  done = true;
}

aio::Coro<void> check_shut_down() {
  aio::EventLoop& loop = aio::get_running_loop();
  std::binary_semaphore go(0);
  const auto first = loop.run_in_executor(nullptr, wait_for, std::ref(go));
  bool done = false;
  const auto task = aio::create_task(shut_down(done));
  co_await aio::sleep(0);
  co_await aio::sleep(0);
  CHECK_FALSE(done);
  CHECK_THROWS_AS(static_cast<void>(loop.run_in_executor(nullptr, [] {})), aio::RuntimeError);
  go.release();
  co_await task;
  CHECK(done);
  CHECK(first.done());
  CHECK_THROWS_AS(static_cast<void>(loop.run_in_executor(nullptr, [] {})), aio::RuntimeError);
}

aio::Coro<void> cancel_at_random(unsigned seed, std::atomic<int>& calls) {
  std::mt19937 random(seed);
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(2);
  const auto work = [&calls, state = std::make_shared<std::string>("state")](
                        const std::stop_token& stop, unsigned spins) {
    ++calls;
    for (unsigned i = 0; i < spins && !stop.stop_requested(); ++i) std::this_thread::yield();
    return *state + "!";
  };
  std::vector<aio::AnyFuture> futures;
  std::vector<aio::Future<std::string>> results;
  for (int i = 0; i < 2000; ++i) {
    if (random() % 3 != 0) {
      results.push_back(loop.run_in_executor(executor, work, unsigned(random() % 20)));
      futures.push_back(results.back());
    } else {
      futures.push_back(aio::create_task(aio::sleep(1us * (random() % 300))));
    }
    if (random() % 2 == 0) futures[random() % futures.size()].cancel();
    if (random() % 16 == 0) co_await aio::sleep(1us * (random() % 50));
  }
  for (const aio::AnyFuture& future : futures) {
    if (random() % 2 == 0) future.cancel();
  }
  co_await executor.join();
  co_await aio::wait(futures);
  for (const auto& result : results) CHECK((result.cancelled() || result.result() == "state!"));
}

}  // namespace

TEST_CASE("[E2] running work sees the request to stop when its await is cancelled") {
  UntilStopped work;
  aio::run(cancel_after_start(aio::ThreadPoolExecutor(1), work));
}

TEST_CASE("[E2] running work that was cancelled keeps what it holds and its result goes nowhere") {
  Abandoned work;
  aio::run(check_abandoned(aio::ThreadPoolExecutor(1), work));
}

TEST_CASE("[E2] queued work that is cancelled never starts and is freed at once") {
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(1);
  std::binary_semaphore go(0);
  const auto first = loop.run_in_executor(executor, wait_for, std::ref(go));
  std::atomic<bool> ran = false;
  int alive = 0;
  {
    const auto work = [&ran, counted = Counted(alive)] { ran = true; };
    for (int i = 0; i < 3; ++i) {
      const auto future = loop.run_in_executor(executor, work);
      CHECK(alive == 2);
      CHECK(future.cancel());
      CHECK_FALSE(future.cancel());
      CHECK(alive == 1);
    }
  }
  const auto last = loop.run_in_executor(executor, [] { return 5; });
  go.release();
  CHECK(loop.run_until_complete(last) == 5);
  CHECK(first.done());
  CHECK_FALSE(ran);
}

TEST_CASE("[E2] closing the loop withdraws queued work and stops running work and waits for it") {
  UntilStopped work;
  std::atomic<bool> ran = false;
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(1);
  const auto running = loop.run_in_executor(executor, std::ref(work));
  std::vector<aio::Future<>> queued;
  for (int i = 0; i < 5; ++i) {
    queued.push_back(loop.run_in_executor(executor, [&ran] { ran = true; }));
  }
  work.started.acquire();
  loop.close();
  CHECK(work.stopped == 1);
  CHECK_FALSE(ran);
  CHECK(running.result() == 1);  // it chose to end with a result
  for (const auto& future : queued) CHECK(future.cancelled());
}

TEST_CASE("[E2] closing the loop waits for running work that was cancelled before") {
  std::binary_semaphore started(0);
  std::atomic<bool> ended = false;
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(1);
  const auto stubborn = [&] {
    started.release();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    ended = true;
  };
  const auto future = loop.run_in_executor(executor, stubborn);
  started.acquire();
  future.cancel();
  loop.close();
  CHECK(ended);
}

TEST_CASE("[E3] shutdown_default_executor waits for its work and later work is refused") {
  aio::run(check_shut_down());
}

TEST_CASE("[E3] shutdown_default_executor without any work is done at once") {
  bool done = false;
  aio::run(shut_down(done));
  CHECK(done);
}

TEST_CASE("[E3] shutdown_default_executor with a timeout warns and goes on") {
  ReportLog log;
  std::binary_semaphore go(0);
  aio::run(shut_down_with_timeout(log, go));
  REQUIRE(log.reports.size() == 1);
  CHECK(log.reports[0].source == "executor");
}

TEST_CASE("2000 random cancellations of pool work and sleeps leave nothing behind") {
  std::atomic<int> calls = 0;
  aio::run(cancel_at_random(42, calls));
  CHECK(calls > 100);
  CHECK(calls < 2000);
}

TEST_CASE("a loop closed amid random pool work leaves nothing behind") {
  std::mt19937 random(43);
  for (int round = 0; round < 50; ++round) {
    aio::EventLoop loop;
    const aio::ThreadPoolExecutor executor(2);
    std::vector<aio::Future<std::string>> futures;
    const auto work = [state = std::make_shared<std::string>("state")] { return *state; };
    for (auto i = random() % 20; i > 0; --i) {
      futures.push_back(loop.run_in_executor(executor, work));
      if (random() % 4 == 0) futures[random() % futures.size()].cancel();
    }
    run_turns(loop, static_cast<int>(random() % 3));
    if (random() % 2 == 0) futures.clear();
    loop.close();
    for (const auto& future : futures) CHECK(future.done());
  }
}
