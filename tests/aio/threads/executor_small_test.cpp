#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "aio/event_loop.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/gate.hpp"
#include "support/loop_test.hpp"

using namespace support;
using aio::PoolOptions;

namespace {

constexpr auto small = PoolOptions().small();

aio::Coro<void> square_many(const aio::ThreadPoolExecutor& executor) {
  const auto square = [](int n) { return n * n; };
  std::vector<aio::Future<int>> squares;
  for (int n = 0; n < 1000; ++n) {
    squares.push_back(aio::get_running_loop().run_in_executor(executor, small, square, n));
  }
  for (int n = 0; n < 1000; ++n) CHECK(co_await squares[static_cast<std::size_t>(n)] == n * n);
  const auto statistics = executor.statistics();
  CHECK(statistics.completed == 1000);
  CHECK(statistics.running == 0);
}

/// One after the other on one worker, in the order of `names`, after `gate` is let go.
aio::Coro<std::string> order_behind(Gate& gate, PoolOptions gate_options,
                                    std::vector<std::pair<char, PoolOptions>> names) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(1);
  std::string seen;
  const auto first = loop.run_in_executor(executor, gate_options, std::ref(gate));
  co_await aio::sleep(0);
  gate.started.acquire();
  std::vector<aio::Future<>> futures;
  const auto add = [&seen](char name) { seen += name; };
  for (const auto& [name, options] : names) {
    futures.push_back(loop.run_in_executor(executor, options, add, name));
  }
  co_await aio::sleep(0);
  gate.go.release();
  co_await executor.join();
  co_return seen;
}

}  // namespace

TEST_CASE("small calls give their results each to its own caller [E1]") {
  aio::run(square_many(aio::ThreadPoolExecutor(2)));
}

TEST_CASE("a small call outside of a running loop leaves at once") {
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(2);
  Gate gate;
  const auto future = loop.run_in_executor(executor, small, std::ref(gate));
  gate.started.acquire();
  gate.go.release();
  loop.run_until_complete(future);
}

namespace {

aio::Coro<void> leave_in_the_same_turn(Gate& gate) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(1);
  const auto turn = loop.turn_count();
  bool started = false;
  const auto look = [&] {
    CHECK(loop.turn_count() == turn + 1);
    gate.started.acquire();  // would wait for ever if the call waited for this turn to end
    started = true;
    gate.go.release();
  };
  loop.call_soon(look);
  auto future = loop.run_in_executor(executor, small, std::ref(gate));
  co_await std::move(future);
  CHECK(started);
}

aio::Coro<std::size_t> count_turns_of_results(unsigned workers, int calls) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(workers);
  std::vector<std::uint64_t> turns;
  std::vector<aio::Future<>> futures;
  for (int i = 0; i < calls; ++i) {
    futures.push_back(loop.run_in_executor(executor, small, [] {}));
    futures.back().add_done_callback([&](const aio::AnyFuture&) {
      if (turns.empty() || turns.back() != loop.turn_count()) turns.push_back(loop.turn_count());
    });
  }
  co_await aio::wait(futures);
  co_return turns.size();
}

}  // namespace

TEST_CASE("a small call leaves at the end of its turn") {
  Gate gate;
  aio::run(leave_in_the_same_turn(gate));
}

TEST_CASE("the results of small calls that travelled together come back in a few turns") {
  std::size_t fewest = 16;
  for (int i = 0; i < 10; ++i) fewest = std::min(fewest, aio::run(count_turns_of_results(1, 16)));
  CHECK(fewest <= 3);  // 1, if nobody looked while the worker was kept from its processor
  CHECK(aio::run(count_turns_of_results(2, 1000)) < 100);
}

namespace {

aio::Coro<void> spread(unsigned workers) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(workers);
  std::atomic<unsigned> inside = 0;
  // Each waits until as many run as there are workers: that takes one of every batch.
  const auto meet = [&] {
    ++inside;
    while (inside < workers) std::this_thread::yield();
  };
  std::vector<aio::Future<>> futures;
  for (unsigned i = 0; i < 16 * workers; ++i) {
    futures.push_back(loop.run_in_executor(executor, small, meet));
  }
  co_await aio::wait(futures);
  CHECK(inside == 16 * workers);
}

aio::Coro<void> overtake_slow_call(unsigned workers, int calls) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(workers);
  Gate gate;
  std::vector<aio::Future<>> before;
  std::vector<aio::Future<>> after;
  for (int i = 0; i < calls; ++i) {
    before.push_back(loop.run_in_executor(executor, small, [] {}));
  }
  const auto slow = loop.run_in_executor(executor, small, std::ref(gate));
  for (int i = 0; i < calls; ++i) after.push_back(loop.run_in_executor(executor, small, [] {}));
  for (const auto& future : before) co_await future;
  if (workers > 1) {
    for (const auto& future : after) co_await future;
  }
  CHECK_FALSE(slow.done());
  gate.go.release();
  co_await slow;
  for (const auto& future : after) co_await future;
  co_await executor.join();
  CHECK(executor.statistics().completed == 2U * static_cast<unsigned>(calls) + 1);
}

}  // namespace

TEST_CASE("small calls are spread over the workers that are free") { aio::run(spread(4)); }

TEST_CASE("a small call that turns out slow does not hold back what travels with it") {
  for (const int calls : {1, 7, 300}) {
    CAPTURE(calls);
    aio::run(overtake_slow_call(2, calls));
    aio::run(overtake_slow_call(3, calls));
  }
}

TEST_CASE("results of small calls come back though the only worker is in a slow one") {
  aio::run(overtake_slow_call(1, 7));
}

TEST_CASE("a slow small call holds nothing back where time is virtual either") {
  aio::EventLoop loop{aio::testing::VirtualTime()};
  const auto start = loop.time();
  loop.run_until_complete(overtake_slow_call(2, 7));
  CHECK(loop.time() == start);
}

TEST_CASE("priorities order small calls among themselves and among others [E1]") {
  const auto high = PoolOptions().priority(5);
  const auto low = PoolOptions().priority(-1);
  Gate gate;
  const auto seen = aio::run(order_behind(gate, PoolOptions(),
                                          {{'a', small},
                                           {'b', high},
                                           {'c', low.small()},
                                           {'d', high.small()},
                                           {'e', small},
                                           {'f', PoolOptions()},
                                           {'g', small},
                                           {'h', low},
                                           {'i', high.small()}}));
  CHECK(seen == "bdiaefgch");
}

namespace {

/// Submits `urgent` while a batch of small calls of no priority runs its first.
aio::Coro<std::string> overtake(Gate& gate, PoolOptions urgent) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(1);
  std::string seen;
  const auto add = [&seen](char name) { seen += name; };
  const auto first = loop.run_in_executor(executor, small, std::ref(gate));
  std::vector<aio::Future<>> futures;
  for (const char name : {'a', 'b', 'c'}) {
    futures.push_back(loop.run_in_executor(executor, small, add, name));
  }
  co_await aio::sleep(0);
  gate.started.acquire();
  futures.push_back(loop.run_in_executor(executor, urgent, add, '!'));
  CHECK(futures[1].cancel());
  co_await aio::sleep(0);
  gate.go.release();
  co_await executor.join();
  CHECK(first.done());
  co_return seen;
}

}  // namespace

TEST_CASE("what is more urgent goes before small calls that are on their way but not begun [E1]") {
  const auto urgent = PoolOptions().priority(1);
  for (const PoolOptions options : {urgent, urgent.small()}) {
    Gate gate;
    CHECK(aio::run(overtake(gate, options)) == "!ac");
  }
  Gate gate;
  CHECK(aio::run(overtake(gate, PoolOptions())) == "ac!");
}

namespace {

aio::Coro<void> teach_that_calls_are_short(const aio::ThreadPoolExecutor& executor) {
  for (int round = 0; round < 30; ++round) {
    std::vector<aio::Future<>> futures;
    for (int i = 0; i < 64; ++i) {
      futures.push_back(aio::get_running_loop().run_in_executor(executor, small, [] {}));
    }
    for (const auto& future : futures) co_await future;
  }
}

/// A slow call and one that comes after the batch of the slow one was first looked after.
aio::Coro<void> submit_behind_slow_call(bool waits_for_later) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(4);
  for (int round = 0; round < 3; ++round) {
    co_await teach_that_calls_are_short(executor);
    Gate gate;
    const auto quick = loop.run_in_executor(executor, small, [] {});
    const auto slow = loop.run_in_executor(executor, small, std::ref(gate));
    co_await quick;
    const auto later = loop.run_in_executor(executor, small, [&gate, waits_for_later] {
      if (waits_for_later) gate.go.release();
    });
    co_await later;  // would wait for ever if it were held back until the slow one is there
    if (!waits_for_later) {
      CHECK_FALSE(slow.done());
      gate.go.release();
    }
    co_await slow;
  }
}

}  // namespace

TEST_CASE("a small call does not wait for a slow one that has set out before it") {
  aio::run(submit_behind_slow_call(false));
}

TEST_CASE("a small call may wait for a small call that comes later if a worker is free") {
  aio::run(submit_behind_slow_call(true));
}
