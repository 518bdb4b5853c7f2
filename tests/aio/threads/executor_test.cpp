#include "aio/executor.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "aio/event_loop.hpp"
#include "aio/testing.hpp"
#include "support/loop_test.hpp"

using namespace support;

namespace {

int divide(int a, int b) {
  if (b == 0) throw std::domain_error("division by zero");
  return a / b;
}

/// Counts how many calls run at a time; each ends only when `width` have been seen to.
class Width {
 public:
  explicit Width(int width) : width_(width) {}
  void operator()() {
    const int now = ++running_;
    int most = most_;
    while (most < now && !most_.compare_exchange_weak(most, now)) {
    }
    while (most_ < width_) std::this_thread::yield();
    for (int i = 0; i < 50; ++i) std::this_thread::yield();  // one too many would be seen
    --running_;
  }
  int most() const { return most_; }

 private:
  int width_;
  std::atomic<int> running_ = 0;
  std::atomic<int> most_ = 0;
};

aio::Coro<std::vector<int>> divide_ten() {
  std::vector<aio::Task<int>> tasks;
  for (int i = 1; i <= 10; ++i) {
    tasks.push_back(aio::create_task(aio::to_thread(divide, 100 * i, i + i - i)));
  }
  co_return co_await aio::gather(std::move(tasks));
}

aio::Coro<void> check_forwarding() {
  const auto quotient = co_await aio::to_thread(divide, 84, 2);
  CHECK(quotient == 42);
  std::string error;
  try {
    co_await aio::to_thread(divide, 1, 0);
  } catch (const std::domain_error& caught) {
    error = caught.what();
  }
  CHECK(error == "division by zero");
  const auto here = std::this_thread::get_id();
  const auto there = co_await aio::to_thread(std::this_thread::get_id);
  CHECK(there != here);
  int calls = 0;
  co_await aio::to_thread([](int& count) { ++count; }, std::ref(calls));
  CHECK(calls == 1);
  const auto moved =
      co_await aio::to_thread([](int value) { return std::make_unique<int>(value); }, 5);
  CHECK(*moved == 5);
}

aio::Coro<void> run_all(const aio::ThreadPoolExecutor& executor, Width& width, int count) {
  std::vector<aio::Future<>> futures;
  for (int i = 0; i < count; ++i) {
    futures.push_back(aio::get_running_loop().run_in_executor(executor, std::ref(width)));
  }
  co_await aio::gather(std::move(futures));
}

aio::Coro<void> append_all(const aio::ThreadPoolExecutor& executor, std::vector<int>& seen) {
  const auto append = [&seen](int i) { seen.push_back(i); };
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(aio::get_running_loop().run_in_executor(executor, append, i));
  }
  co_await executor.join();
  co_await executor.join();  // idle: at once
}

aio::Coro<void> cancel_join(const aio::ThreadPoolExecutor& executor) {
  std::binary_semaphore go(0);
  const auto wait = [&go] { go.acquire(); };
  static_cast<void>(aio::get_running_loop().run_in_executor(executor, wait));
  const auto first = aio::create_task(executor.join());
  const auto second = aio::create_task(executor.join());
  co_await aio::sleep(0);
  CHECK(first.cancel());
  co_await aio::sleep(0);
  co_await aio::sleep(0);
  CHECK(first.cancelled());
  CHECK_FALSE(second.done());
  go.release();
  co_await second;
}

struct ThrowsWhenMoved {
  ThrowsWhenMoved() = default;
  ThrowsWhenMoved(ThrowsWhenMoved&& other) : moves(other.moves + 1) {
    if (moves > 0) throw std::runtime_error("cannot be moved");
  }
  int moves = 0;
};

aio::Coro<void> await_unmovable(std::string& error) {
  const auto make = [] { return ThrowsWhenMoved(); };
  const auto future = aio::get_running_loop().run_in_executor(nullptr, make);
  try {
    co_await future;
  } catch (const std::runtime_error& caught) {
    error = caught.what();
  }
}

template <class... Args>
concept RunInExecutor = requires(aio::EventLoop& loop, Args&&... args) {
  loop.run_in_executor(std::forward<Args>(args)...);
};
template <class A>
concept SetDefaultExecutor =
    requires(aio::EventLoop& loop, A executor) { loop.set_default_executor(executor); };
template <class F>
concept ToThread = requires(F f) { aio::to_thread(f); };

using Function = void (*)();
using Stoppable = void (*)(std::stop_token);
using Coroutine = aio::Coro<void> (*)();

}  // namespace

TEST_CASE("[E1] run_in_executor runs on another thread and forwards result or exception") {
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(1);
  CHECK(loop.run_until_complete(loop.run_in_executor(executor, divide, 84, 2)) == 42);
  CHECK(loop.run_until_complete(loop.run_in_executor(nullptr, divide, 84, 4)) == 21);
  CHECK_THROWS_AS(loop.run_until_complete(loop.run_in_executor(executor, divide, 1, 0)),
                  std::domain_error);
  const auto there =
      loop.run_until_complete(loop.run_in_executor(executor, std::this_thread::get_id));
  CHECK(there != std::this_thread::get_id());
}

TEST_CASE("[E1] a result that cannot be moved to the future is the future's failure") {
  std::string error;
  aio::run(await_unmovable(error));
  CHECK(error == "cannot be moved");
}

TEST_CASE("[E1] a failure that nobody awaits is reported") {
  ReportLog log;
  aio::EventLoop loop;
  log.listen_to(loop);
  const aio::ThreadPoolExecutor executor(1);
  static_cast<void>(loop.run_in_executor(executor, divide, 1, 0));
  loop.run_until_complete(executor.join());
  run_turns(loop, 1);
  REQUIRE(log.reports.size() == 1);
  CHECK(text_of(log.reports[0].exception) == "division by zero");
}

TEST_CASE("[E4] a default executor is a ThreadPoolExecutor or does not compile") {
  static_assert(SetDefaultExecutor<aio::ThreadPoolExecutor>);
  static_assert(!SetDefaultExecutor<int> && !SetDefaultExecutor<std::thread&>);
  static_assert(!SetDefaultExecutor<std::nullptr_t> && !SetDefaultExecutor<unsigned>);
}

TEST_CASE("[E4] the default executor is the one that was set") {
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(1);
  loop.set_default_executor(executor);
  executor.shutdown();
  CHECK_THROWS_AS(static_cast<void>(loop.run_in_executor(nullptr, divide, 1, 1)),
                  aio::RuntimeError);
}

TEST_CASE("[E5] to_thread forwards arguments and result and exception") {
  aio::run(check_forwarding());
}

TEST_CASE("[E5] ten to_thread at once all run") {
  CHECK(aio::run(divide_ten()) == std::vector<int>(10, 100));
}

TEST_CASE("[E7] a coroutine as an executor's function does not compile") {
  static_assert(RunInExecutor<std::nullptr_t, Function> && ToThread<Function>);
  static_assert(RunInExecutor<std::nullptr_t, Stoppable> && ToThread<Stoppable>);
  static_assert(!RunInExecutor<std::nullptr_t, Coroutine> && !ToThread<Coroutine>);
  static_assert(!RunInExecutor<const aio::ThreadPoolExecutor&, Coroutine>);
  static_assert(!RunInExecutor<std::nullptr_t, int>);
}

TEST_CASE("an executor runs as many functions at a time as it has workers and no more") {
  for (const unsigned workers : {1U, 2U, 3U}) {
    CAPTURE(workers);
    Width width(static_cast<int>(workers));
    const aio::ThreadPoolExecutor executor(workers);
    CHECK(executor.max_workers() == workers);
    aio::run(run_all(executor, width, 50));
    CHECK(width.most() == static_cast<int>(workers));
  }
}

TEST_CASE("an executor starts its work in the order of its coming") {
  std::vector<int> seen;
  aio::run(append_all(aio::ThreadPoolExecutor(1), seen));
  REQUIRE(seen.size() == 100);
  CHECK(std::is_sorted(seen.begin(), seen.end()));
}

TEST_CASE("one who waits for an idle executor may be cancelled and another still waits") {
  aio::run(cancel_join(aio::ThreadPoolExecutor(1)));
}

TEST_CASE("an executor needs from 1 to 1023 workers") {
  CHECK_THROWS_AS(aio::ThreadPoolExecutor(0), aio::ValueError);
  CHECK_THROWS_AS(aio::ThreadPoolExecutor(1024), aio::ValueError);
}

TEST_CASE("an executor that was shut down refuses work and finishes what it has") {
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(1);
  const auto first = loop.run_in_executor(executor, divide, 6, 3);
  const auto second = loop.run_in_executor(executor, divide, 9, 3);
  executor.shutdown();
  CHECK_THROWS_AS(static_cast<void>(loop.run_in_executor(executor, divide, 1, 1)),
                  aio::RuntimeError);
  CHECK(loop.run_until_complete(second) == 3);
  CHECK(loop.run_until_complete(first) == 2);
}

TEST_CASE("work goes on when the last handle of its executor is dropped") {
  aio::EventLoop loop;
  std::vector<aio::Future<int>> futures;
  {
    const aio::ThreadPoolExecutor executor(1);
    for (int i = 0; i < 5; ++i) futures.push_back(loop.run_in_executor(executor, divide, i, 1));
  }
  for (int i = 0; i < 5; ++i) {
    CHECK(loop.run_until_complete(futures[static_cast<std::size_t>(i)]) == i);
  }
}

TEST_CASE("an executor that another loop uses refuses work until it is idle") {
  aio::EventLoop loop;
  aio::EventLoop other;
  const aio::ThreadPoolExecutor executor(1);
  std::binary_semaphore go(0);
  const auto wait = [&go] { go.acquire(); };
  const auto first = loop.run_in_executor(executor, wait);
  CHECK_THROWS_AS(static_cast<void>(other.run_in_executor(executor, divide, 1, 1)),
                  aio::RuntimeError);
  CHECK_THROWS_AS(other.run_until_complete(executor.join()), aio::RuntimeError);
  go.release();
  loop.run_until_complete(first);
  CHECK(other.run_until_complete(other.run_in_executor(executor, divide, 4, 2)) == 2);
  CHECK(loop.run_until_complete(loop.run_in_executor(executor, divide, 4, 1)) == 4);
}

TEST_CASE("loops on several threads may use an executor one after the other") {
  const aio::ThreadPoolExecutor executor(2);
  std::atomic<int> done = 0;
  std::barrier all(3);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      aio::EventLoop loop;
      all.arrive_and_wait();
      for (int left = 50; left > 0;) {
        try {
          loop.run_until_complete(loop.run_in_executor(executor, divide, 4, 2));
          ++done;
          --left;
        } catch (const aio::RuntimeError&) {
          std::this_thread::yield();  // in use
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(done == 150);
}

TEST_CASE("the default executors of many loops share the same threads of the pool") {
  std::array<aio::EventLoop, 5> loops;
  for (aio::EventLoop& loop : loops) {
    CHECK(loop.run_until_complete(loop.run_in_executor(nullptr, divide, 4, 2)) == 2);
  }
}
