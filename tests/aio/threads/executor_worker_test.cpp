// What a worker does that takes one call after another, without the loop.

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "aio/event_loop.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/gate.hpp"
#include "support/loop_test.hpp"

using namespace support;
using aio::PoolOptions;

namespace {

const auto nothing = [] {};

/// A loop that does not run until the test has it run, and an executor of one worker, who does not
/// give its thread back while calls wait.
struct OneWorker {
  OneWorker() { executor.queue().set_worker_turn(24h); }
  template <class F, class... Args>
  auto call(F&& f, Args&&... args) {
    return call(PoolOptions(), std::forward<F>(f), std::forward<Args>(args)...);
  }
  template <class F, class... Args>
  auto call(PoolOptions options, F&& f, Args&&... args) {
    return loop.run_in_executor(executor, options, std::forward<F>(f), std::forward<Args>(args)...);
  }
  aio::EventLoop loop;
  aio::ThreadPoolExecutor executor{1};
};

}  // namespace

TEST_CASE("a worker takes the next call while the loop does not run") {
  OneWorker one;
  std::array<Gate, 3> gates;
  std::vector<aio::Future<>> futures;
  for (Gate& gate : gates) futures.push_back(one.call(std::ref(gate)));
  for (Gate& gate : gates) {
    gate.started.acquire();  // would wait for ever for the loop
    gate.go.release();
  }
  for (const auto& future : futures) CHECK_FALSE(future.done());
  one.loop.run_until_complete(one.executor.join());
  for (const auto& future : futures) CHECK(future.done());
}

TEST_CASE("the result of a call comes back though its worker is at the next") {
  OneWorker one;
  std::array<Gate, 3> gates;
  static_cast<void>(one.call(std::ref(gates[0])));
  const auto answer = one.call([] { return 42; });
  const auto failure = one.call([] { throw std::domain_error("on purpose"); });
  static_cast<void>(one.call(std::ref(gates[1])));
  const auto second_answer = one.call([] { return 43; });
  const auto last = one.call(std::ref(gates[2]));
  gates[0].go.release();
  gates[1].started.acquire();
  CHECK(one.loop.run_until_complete(answer) == 42);
  CHECK_THROWS_AS(one.loop.run_until_complete(failure), std::domain_error);
  CHECK_FALSE(second_answer.done());
  gates[1].go.release();
  CHECK(one.loop.run_until_complete(second_answer) == 43);
  CHECK_FALSE(last.done());
  gates[2].go.release();
  one.loop.run_until_complete(last);
}

TEST_CASE("a waiting call that is cancelled while a worker takes calls never runs [E2]") {
  OneWorker one;
  Gate first;
  Gate second;
  std::string seen;
  int alive = 0;
  const auto add = [&seen, counted = Counted(alive)](char name) { seen += name; };
  static_cast<void>(one.call(std::ref(first)));
  const auto before = one.call(add, 'a');
  const auto kept = one.call(add, 'b');
  static_cast<void>(one.call(std::ref(second)));
  const auto after = one.call(add, 'c');
  const auto last = one.call(add, 'd');
  CHECK(alive == 5);
  CHECK(before.cancel());
  first.go.release();
  second.started.acquire();
  CHECK(after.cancel());
  CHECK(after.cancelled());
  CHECK(alive == 3);  // freed at once
  second.go.release();
  one.loop.run_until_complete(one.executor.join());
  CHECK(seen == "bd");
  CHECK(one.executor.statistics().completed == 4);
  CHECK(one.executor.statistics().cancelled == 2);
}

TEST_CASE("a call that a worker took itself sees that its await was cancelled [E2]") {
  OneWorker one;
  Gate gate;
  UntilStopped work;
  static_cast<void>(one.call(std::ref(gate)));
  const auto options = PoolOptions().on_cancel(aio::OnCancel::wait);
  const auto future = one.call(options, std::ref(work));
  gate.go.release();
  work.started.acquire();
  CHECK(future.cancel());
  CHECK_FALSE(future.done());
  CHECK(one.loop.run_until_complete(outcome_of(future)).cancelled);
}

TEST_CASE("a worker takes what is most urgent then and of that what came first [E1]") {
  OneWorker one;
  Gate first;
  Gate second;
  std::binary_semaphore ended{0};
  std::string seen;
  const auto add = [&seen](char name) { seen += name; };
  const auto submit = [&](int priority, char name) {
    static_cast<void>(one.call(PoolOptions().priority(priority), add, name));
  };
  static_cast<void>(one.call(std::ref(first)));
  first.started.acquire();
  submit(0, 'a');
  submit(-1, 'b');
  submit(3, 'c');
  submit(0, 'd');
  static_cast<void>(one.call(PoolOptions().priority(1), std::ref(second)));
  submit(3, 'e');
  static_cast<void>(one.call(PoolOptions().priority(-2), [&ended] { ended.release(); }));
  first.go.release();
  second.started.acquire();
  CHECK(seen == "ce");
  submit(-1, 'f');
  submit(2, 'g');
  static_cast<void>(one.call(PoolOptions().small(), add, 'h'));
  second.go.release();
  ended.acquire();  // all without the loop
  CHECK(seen == "cegadhbf");
  one.loop.run_until_complete(one.executor.join());
}

TEST_CASE("statistics count what a worker took itself") {
  OneWorker one;
  Gate first;
  Gate second;
  std::vector<aio::Future<>> futures;
  static_cast<void>(one.call(std::ref(first)));
  for (int i = 0; i < 3; ++i) futures.push_back(one.call(nothing));
  static_cast<void>(one.call(std::ref(second)));
  for (int i = 0; i < 3; ++i) futures.push_back(one.call(nothing));
  CHECK(futures.back().cancel());
  CHECK(one.executor.statistics().running == 1);
  CHECK(one.executor.statistics().queued == 6);
  first.go.release();
  second.started.acquire();
  auto now = one.executor.statistics();
  CHECK(now.running == 5);  // four are done and not yet back
  CHECK(now.queued == 2);
  CHECK(now.completed == 0);
  one.loop.run_until_complete(futures[2]);
  now = one.executor.statistics();
  CHECK(now.running == 1);
  CHECK(now.queued == 2);
  CHECK(now.completed == 4);
  CHECK(now.cancelled == 1);
  second.go.release();
  one.loop.run_until_complete(one.executor.join());
  CHECK(one.executor.statistics().completed == 7);
}

TEST_CASE("calls that a worker took itself take no virtual time") {
  aio::EventLoop loop{aio::testing::VirtualTime()};
  const aio::ThreadPoolExecutor executor(1);
  const auto start = loop.time();
  std::vector<aio::Future<>> futures;
  const auto later = loop.create_task(aio::sleep(1h));
  for (int i = 0; i < 100; ++i) futures.push_back(loop.run_in_executor(executor, nothing));
  loop.run_until_complete(executor.join());
  CHECK(loop.time() == start);
  CHECK(executor.statistics().longest_wait == 0ns);
  loop.run_until_complete(later);
  CHECK(loop.time() - start == 1h);
}

namespace {

/// Two workers: one at `gate`, one at a batch of small calls of priority 1, whose first is at
/// `slow`. The order in which what waits is begun when `gate` is let go.
aio::Coro<std::string> order_beside_batch(Gate& gate, Gate& slow) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(2);
  std::string seen;
  const auto add = [&seen](char name) { seen += name; };
  const auto urgent = PoolOptions().priority(1).small();
  static_cast<void>(loop.run_in_executor(executor, std::ref(gate)));
  gate.started.acquire();
  static_cast<void>(loop.run_in_executor(executor, urgent, std::ref(slow)));
  for (const char name : {'a', 'b', 'c'}) {
    static_cast<void>(loop.run_in_executor(executor, urgent, add, name));
  }
  co_await aio::sleep(0);
  slow.started.acquire();
  const auto last = loop.run_in_executor(executor, add, '!');
  gate.go.release();
  co_await last;
  slow.go.release();
  co_await executor.join();
  co_return seen;
}

}  // namespace

TEST_CASE("a worker helps with urgent small calls before it takes what is less urgent [E1]") {
  Gate gate;
  Gate slow;
  const auto seen = aio::run(order_beside_batch(gate, slow));
  REQUIRE(seen.size() == 4);
  CHECK(seen.back() == '!');
}

TEST_CASE("a loop closed amid a thousand waiting calls ends each of them once") {
  for (const unsigned workers : {1U, 3U}) {
    std::atomic<int> ran = 0;
    std::vector<aio::Future<>> futures;
    std::vector<Gate> gates(workers);
    aio::EventLoop loop;
    const aio::ThreadPoolExecutor executor(workers);
    for (Gate& gate : gates) futures.push_back(loop.run_in_executor(executor, std::ref(gate)));
    for (Gate& gate : gates) gate.started.acquire();
    for (int i = 0; i < 1000; ++i) {
      futures.push_back(loop.run_in_executor(executor, [&ran] { ++ran; }));
    }
    std::thread opener([&] {
      while (!loop.is_running()) std::this_thread::yield();
      for (Gate& gate : gates) gate.go.release();
    });
    loop.close();
    opener.join();
    std::size_t cancelled = 0;
    for (const auto& future : futures) {
      CHECK(future.done());
      if (future.cancelled()) ++cancelled;
    }
    const auto statistics = executor.statistics();
    CHECK(statistics.cancelled == cancelled);
    CHECK(statistics.completed == static_cast<unsigned>(ran.load()) + workers);
    CHECK(statistics.submitted == statistics.cancelled + statistics.completed);
  }
}

namespace {

/// On another thread: goes on until nobody can wake `loop` any more.
void last_until_closed(aio::EventLoop& loop) {
  try {
    for (;; std::this_thread::yield()) loop.call_soon_threadsafe([] {});
  } catch (const aio::RuntimeError&) {  // it is closed
  }
}

}  // namespace

TEST_CASE("calls made while a closing loop drops its callbacks find its worker a way back") {
  const aio::ThreadPoolExecutor executor(1);
  executor.queue().set_worker_turn(24h);
  std::atomic<int> ran = 0;
  const Pipe pipe;
  aio::EventLoop loop;
  // The first ends, and the others are taken, when nobody can wake the loop any more.
  const auto call = [&loop, &executor, &ran](const void*) {
    for (int i = 0; i < 3; ++i) {
      static_cast<void>(loop.run_in_executor(executor, [&loop, &ran] {
        last_until_closed(loop);
        ++ran;
      }));
    }
  };
  loop.add_reader(pipe.reader(), [held = std::shared_ptr<void>(nullptr, call)] {});
  loop.close();
  CHECK(ran == 3);
  CHECK(executor.statistics().completed == 3);
}

TEST_CASE("small calls made while a closing loop drops its callbacks find a way back too") {
  const aio::ThreadPoolExecutor executor(1);
  const auto small = aio::PoolOptions().small();
  std::atomic<int> ran = 0;
  const Pipe pipe;
  {
    aio::EventLoop loop;
    const auto call = [&](const void*) {
      for (int i = 0; i < 40; ++i) {
        static_cast<void>(loop.run_in_executor(executor, small, [&ran] { ++ran; }));
      }
    };
    loop.add_reader(pipe.reader(), [held = std::shared_ptr<void>(nullptr, call)] {});
  }
  CHECK(ran == 40);
  CHECK(executor.statistics().completed == 40);
}

namespace {

/// Keeps calls waiting until `calls` have been made; how many results have come.
aio::Coro<int> keep_calling(aio::ThreadPoolExecutor executor, int calls, std::atomic<int>& made) {
  int results = 0;
  for (int i = 0; i < calls; ++i) {
    auto future = aio::get_running_loop().run_in_executor(executor, [&made, i] {
      ++made;
      return i;
    });
    if (co_await std::move(future) == i) ++results;
  }
  co_return results;
}

aio::Coro<int> call_from_many(aio::ThreadPoolExecutor executor, std::atomic<int>& made) {
  std::vector<aio::Task<int>> tasks;
  for (int i = 0; i < 200; ++i) {
    tasks.push_back(aio::create_task(keep_calling(executor, 50, made)));
  }
  int results = 0;
  for (const auto& task : tasks) results += co_await task;
  co_return results;
}

}  // namespace

TEST_CASE("10000 calls of 200 tasks on each of three threads are made once and come back once") {
  std::vector<std::thread> threads;
  for (unsigned t = 1; t <= 3; ++t) {
    threads.emplace_back([t] {
      std::atomic<int> made = 0;
      const aio::ThreadPoolExecutor executor(t);
      CHECK(aio::run(call_from_many(executor, made)) == 10'000);
      CHECK(made == 10'000);
      CHECK(executor.statistics().completed == 10'000);
    });
  }
  for (std::thread& thread : threads) thread.join();
}
