#include "aio/event_loop.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

#include "support/loop_test.hpp"

using namespace support;

namespace {

aio::Coro<int> answer() { co_return 42; }

aio::Coro<void> fail(std::string what) {
  throw std::runtime_error(what);
  co_return;
}

aio::Coro<void> mark(bool& started) {
  started = true;
  co_return;
}

}  // namespace

TEST_CASE("[L1] call_soon runs callbacks in the order of the calls and each once") {
  aio::EventLoop loop;
  std::vector<int> seen;
  for (int i = 0; i < 200; ++i) {
    loop.call_soon([&seen, i] { seen.push_back(i); });
  }
  CHECK(seen.empty());
  run_turns(loop, 3);
  REQUIRE(seen.size() == 200);
  for (int i = 0; i < 200; ++i) CHECK(seen[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("[L1] a callback added during a turn runs in the next one") {
  aio::EventLoop loop;
  std::uint64_t outer = 0;
  std::uint64_t inner = 0;
  loop.call_soon([&] {
    outer = loop.turn_count();
    loop.call_soon([&] {
      inner = loop.turn_count();
      loop.stop();
    });
  });
  loop.run_forever();
  CHECK(inner == outer + 1);
}

TEST_CASE("call_soon copies its arguments and std::ref gives a reference") {
  aio::EventLoop loop;
  std::string text = "a";
  std::string copied;
  int changed = 0;
  loop.call_soon([&copied](const std::string& value) { copied = value; }, text);
  loop.call_soon([](int& value) { value = 7; }, std::ref(changed));
  text = "b";
  run_turns(loop, 1);
  CHECK(copied == "a");
  CHECK(changed == 7);
}

TEST_CASE("call_soon takes a named function without emptying it") {
  aio::EventLoop loop;
  int calls = 0;
  std::function<void()> count = [&calls] { ++calls; };
  const std::function<void()> constant = count;
  loop.call_soon(count);
  loop.call_soon(count);
  loop.call_soon(constant);
  run_turns(loop, 1);
  CHECK(calls == 3);
  CHECK(count);
}

TEST_CASE("[L2] a cancelled handle never runs and frees what it holds at once") {
  aio::EventLoop loop;
  int alive = 0;
  bool ran = false;
  const aio::Handle handle = loop.call_soon([&ran, counted = Counted(alive)] { ran = true; });
  CHECK(alive == 1);
  CHECK_FALSE(handle.cancelled());
  handle.cancel();
  handle.cancel();
  CHECK(alive == 0);
  CHECK(handle.cancelled());
  run_turns(loop, 2);
  CHECK_FALSE(ran);
}

TEST_CASE("[L3] call_later of -2 s runs before call_later of -1 s") {
  aio::EventLoop loop;
  std::string order;
  loop.call_later(-1s, [&] { order += "1"; });
  loop.call_later(-2s, [&] { order += "2"; });
  run_turns(loop, 1);
  CHECK(order == "21");
}

TEST_CASE("call_later of NaN throws ValueError") {
  aio::EventLoop loop;
  const std::chrono::duration<double> nan(std::nan(""));
  CHECK_THROWS_AS(loop.call_later(nan, [] {}), aio::ValueError);
}

namespace {

template <class... Args>
concept CallSoon =
    requires(aio::EventLoop& loop, Args&&... args) { loop.call_soon(std::forward<Args>(args)...); };
template <class... Args>
concept CallLater = requires(aio::EventLoop& loop, Args&&... args) {
  loop.call_later(std::forward<Args>(args)...);
};
template <class A>
concept RunUntilComplete = requires(aio::EventLoop& loop, A&& awaitable) {
  loop.run_until_complete(std::forward<A>(awaitable));
};
template <class A>
concept CreateTask =
    requires(aio::EventLoop& loop, A&& awaitable) { loop.create_task(std::forward<A>(awaitable)); };

using Function = void (*)();
using Coroutine = aio::Coro<int> (*)();

}  // namespace

TEST_CASE("[L4] a callback or a delay of the wrong type does not compile") {
  static_assert(CallSoon<Function> && CallSoon<void (*)(int), int>);
  static_assert(!CallSoon<int> && !CallSoon<Function, int> && !CallSoon<std::nullptr_t>);
  static_assert(!CallSoon<Coroutine>, "nobody would await the coroutine");
  static_assert(CallLater<std::chrono::milliseconds, Function>);
  static_assert(!CallLater<std::nullptr_t, Function> && !CallLater<double, Function>);
  static_assert(!CallLater<std::chrono::milliseconds, Coroutine>);
}

TEST_CASE("[L5] stop lets the current turn finish") {
  aio::EventLoop loop;
  std::string order;
  loop.call_soon([&] { order += "a"; });
  loop.call_soon([&] {
    order += "b";
    loop.stop();
    loop.call_soon([&] { order += "d"; });
  });
  loop.call_soon([&] { order += "c"; });
  loop.run_forever();
  CHECK(order == "abc");
  run_turns(loop, 1);
  CHECK(order == "abcd");
}

TEST_CASE("[L5] a loop stopped before run_forever makes exactly one turn and does not wait") {
  aio::EventLoop loop;
  int turns = 0;
  std::function<void()> again = [&] {
    ++turns;
    loop.call_soon(again);
  };
  loop.call_soon(again);
  bool posted = false;
  loop.call_soon_threadsafe([&] { posted = true; });
  loop.call_later(1h, [] {});
  const auto before = loop.turn_count();
  loop.stop();
  loop.run_forever();
  CHECK(turns == 1);
  CHECK(posted);  // the kernel was asked, though something was ready
  CHECK(loop.turn_count() == before + 1);
}

TEST_CASE("[L6] run_until_complete returns the result or throws the failure") {
  aio::EventLoop loop;
  CHECK(loop.run_until_complete(answer()) == 42);
  CHECK_THROWS_WITH_AS(loop.run_until_complete(fail("x")), "x", std::runtime_error);
  auto future = loop.create_future<std::string>();
  loop.call_soon([future] { future.set_result("done"); });
  CHECK(loop.run_until_complete(future) == "done");
  CHECK(loop.run_until_complete(future) == "done");  // done already
  CHECK(loop.run_until_complete(aio::sleep(1us, 5)) == 5);
}

TEST_CASE("[L6] if stop comes first the task stays pending and can be run again") {
  aio::EventLoop loop;
  const auto task = loop.create_task(aio::sleep(1ms, 3));
  loop.call_soon([&] { loop.stop(); });
  CHECK_THROWS_AS(loop.run_until_complete(task), aio::RuntimeError);
  CHECK_FALSE(task.done());
  CHECK(loop.run_until_complete(task) == 3);
}

TEST_CASE("[L7] a future of another loop is a ValueError") {
  aio::EventLoop loop;
  aio::EventLoop other;
  const auto future = other.create_future<int>();
  CHECK_THROWS_AS(loop.run_until_complete(future), aio::ValueError);
  CHECK_FALSE(future.done());
}

TEST_CASE("[L7] what cannot be awaited does not compile") {
  static_assert(RunUntilComplete<aio::Coro<int>> && RunUntilComplete<const aio::Future<int>&>);
  static_assert(!RunUntilComplete<int> && !RunUntilComplete<Coroutine>);
  static_assert(CreateTask<aio::Coro<int>> && !CreateTask<aio::Coro<int>&> && !CreateTask<int>);
  static_assert(!CreateTask<aio::Future<int>>, "it runs already");
}

namespace {

aio::Coro<void> run_inside(aio::EventLoop& same, aio::EventLoop& other, bool& started) {
  for (aio::EventLoop* loop : {&same, &other}) {
    CHECK_THROWS_AS(loop->run_until_complete(mark(started)), aio::RuntimeError);
    CHECK_THROWS_AS(loop->run_forever(), aio::RuntimeError);
  }
  CHECK(&aio::get_running_loop() == &same);
  CHECK_FALSE(other.is_running());
  co_await aio::sleep(0);
}

aio::Coro<void> sleep_long() { co_await aio::sleep(1h); }

aio::Coro<void> close_another_inside(aio::EventLoop& same) {
  auto other = std::make_unique<aio::EventLoop>();
  ReportLog log;
  log.listen_to(*other);
  const auto left = other->create_task(sleep_long(), "left");
  other.reset();
  CHECK(left.cancelled());
  CHECK(log.reports.size() == 1);
  CHECK(&aio::get_running_loop() == &same);
  CHECK(same.is_running());
  co_await aio::sleep(1us);
}

}  // namespace

TEST_CASE("[L8] a loop run inside a running loop throws and starts nothing") {
  aio::EventLoop loop;
  aio::EventLoop other;
  bool started = false;
  loop.run_until_complete(run_inside(loop, other, started));
  CHECK_FALSE(started);
  CHECK(other.run_until_complete(answer()) == 42);
}

TEST_CASE("[L8] closing another loop inside a run leaves the run as it was") {
  aio::EventLoop loop;
  loop.run_until_complete(close_another_inside(loop));
  CHECK_FALSE(loop.is_running());
  CHECK_THROWS_AS(aio::get_running_loop(), aio::RuntimeError);
}

TEST_CASE("[L10] a run that ended leaves no stop behind for the next one") {
  aio::EventLoop loop;
  const auto future = loop.create_future();
  loop.call_soon([&] {
    future.set_result();
    loop.stop();  // the run ends before the future's own callback has come
  });
  loop.run_until_complete(future);
  int turns = 0;
  std::function<void()> again = [&] {
    if (++turns == 5) return loop.stop();
    loop.call_soon(again);
  };
  loop.call_soon(again);
  loop.run_forever();
  CHECK(turns == 5);
}

TEST_CASE("get_running_loop finds the loop of the thread and none outside a run") {
  aio::EventLoop loop;
  CHECK_THROWS_AS(aio::get_running_loop(), aio::RuntimeError);
  aio::EventLoop* found = nullptr;
  bool running = false;
  loop.call_soon([&] {
    found = &aio::get_running_loop();
    running = loop.is_running();
  });
  CHECK_FALSE(loop.is_running());
  run_turns(loop, 1);
  CHECK(found == &loop);
  CHECK(running);
  CHECK_FALSE(loop.is_running());
}

namespace {

aio::Coro<int> sum_of_sleeps(int count) {
  int sum = 0;
  for (int i = 1; i <= count; ++i) sum += co_await aio::sleep(10us, i);
  co_return sum;
}

}  // namespace

TEST_CASE("several loops run one per thread") {
  std::vector<std::thread> threads;
  std::atomic<int> sum = 0;
  std::barrier all(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      aio::EventLoop loop;
      all.arrive_and_wait();  // all loops are there at the same time
      sum += loop.run_until_complete(sum_of_sleeps(20));
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(sum == 4 * 210);
}
