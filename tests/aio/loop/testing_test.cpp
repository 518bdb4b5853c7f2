#include "aio/testing.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <semaphore>
#include <thread>

#include "support/loop_test.hpp"

using namespace support;

namespace {

aio::TimePoint at(aio::Duration since_start) { return aio::TimePoint(since_start); }

aio::Coro<int> count_down(int hours) {
  aio::EventLoop& loop = aio::get_running_loop();
  CHECK(loop.time() == at(0ns));
  int seen = 0;
  while (hours-- > 0) {
    co_await aio::sleep(1h);
    CHECK(loop.time() == at(++seen * 1h));
  }
  co_return seen;
}

/// The same with work on the pool at each hour, for which the clock stands still.
aio::Coro<int> count_down_on_pool(int hours) {
  aio::EventLoop& loop = aio::get_running_loop();
  int seen = 0;
  while (hours-- > 0) {
    co_await aio::sleep(1h);
    seen = co_await aio::to_thread([](int number) { return number + 1; }, seen);
    CHECK(loop.time() == at(seen * 1h));
  }
  co_return seen;
}

aio::Coro<void> note(std::string& order, char who, aio::Duration delay) {
  co_await aio::sleep(delay);
  order += who;
}

aio::Coro<void> start_together(std::string& order) {
  std::vector<aio::Task<>> tasks;
  for (const char who : {'a', 'b', 'c', 'd'}) {
    tasks.push_back(aio::create_task(note(order, who, who == 'c' ? 1s : 2s)));
  }
  aio::get_running_loop().call_later(2s, [&order] { order += "t"; });  // armed before the tasks run
  co_await aio::gather(std::move(tasks));
}

aio::Coro<void> yield_often() {
  aio::EventLoop& loop = aio::get_running_loop();
  bool due = false;
  loop.call_later(1ns, [&] { due = true; });
  for (int i = 0; i < 1000; ++i) co_await aio::sleep(0);
  CHECK_FALSE(due);
  CHECK(loop.time() == at(0ns));
  co_await aio::sleep(1ns);
  CHECK(due);
}

aio::Coro<void> work_beside_a_timer() {
  aio::EventLoop& loop = aio::get_running_loop();
  std::binary_semaphore go(0);
  const auto wait = [&go] { go.acquire(); };
  bool due = false;
  loop.call_later(1ns, [&] { due = true; });
  const auto work = loop.run_in_executor(nullptr, wait);
  // The work ends only after a call from outside has come in, while the timer is still not due.
  std::thread outside([&] {
    loop.call_soon_threadsafe([&] {
      CHECK(loop.time() == at(0ns));
      CHECK_FALSE(due);
      go.release();
    });
  });
  co_await work;
  CHECK(loop.time() == at(0ns));
  CHECK_FALSE(due);
  outside.join();
  co_await aio::sleep(1ns);
  CHECK(due);
}

}  // namespace

TEST_CASE("24 hours pass in no time on a virtual clock") {
  const auto start = aio::Clock::now();
  CHECK(aio::testing::run(count_down(24)) == 24);
  CHECK(aio::Clock::now() - start < 1min);
}

TEST_CASE("24 hours pass in no time with work on the pool too") {
  CHECK(aio::testing::run(count_down_on_pool(24)) == 24);
}

TEST_CASE("equal deadlines on a virtual clock come in the order of arming") {
  std::string order;
  aio::testing::run(start_together(order));
  CHECK(order == "ctabd");
}

TEST_CASE("a virtual clock stands still while anything is ready") {
  aio::testing::run(yield_often());
}

TEST_CASE("a virtual clock stands still while pool work is under way") {
  aio::testing::run(work_beside_a_timer());
}

TEST_CASE("signals and calls from other threads come in beside a virtual clock") {
  aio::EventLoop loop(aio::testing::virtual_time);
  int signals = 0;
  loop.add_signal_handler(SIGUSR1, [&] {
    ++signals;
    loop.stop();
  });
  bool posted = false;
  loop.call_soon_threadsafe([&] { posted = true; });
  std::raise(SIGUSR1);
  loop.run_forever();
  CHECK(signals == 1);
  CHECK(posted);
  std::thread([&] { loop.call_soon_threadsafe([&] { loop.stop(); }); }).join();
  loop.run_forever();
  CHECK(loop.time() == at(0ns));
}

TEST_CASE("a virtual clock goes on with the next run and never back") {
  aio::EventLoop loop(aio::testing::virtual_time);
  loop.run_until_complete(aio::sleep(5s));
  CHECK(loop.time() == at(5s));
  loop.run_until_complete(aio::sleep(5s));
  CHECK(loop.time() == at(10s));
  loop.call_later(-3s, [] {});
  run_turns(loop, 2);
  CHECK(loop.time() == at(10s));
}
