#include <doctest/doctest.h>
#include <uv.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>

#include <string>
#include <thread>
#include <vector>

#include "aio/aio.hpp"
#include "aio/loop/loop_core.hpp"
#include "support/await.hpp"
#include "support/loop_test.hpp"

using namespace support;
using aio::Coro;
using aio::EventLoop;

namespace {

/// A loop that is not aio's, with a timer of its own.
class Owner {
 public:
  Owner() {
    REQUIRE(uv_loop_init(&loop_) == 0);
    REQUIRE(uv_timer_init(&loop_, &timer_) == 0);
    timer_.data = this;
  }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  /// Everything that is not the owner's has left the loop by then.
  ~Owner() {
    uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    run();
    CHECK(uv_loop_close(&loop_) == 0);
  }

  uv_loop_t* uv() { return &loop_; }
  void run() { uv_run(&loop_, UV_RUN_DEFAULT); }
  bool is_alive() const { return uv_loop_alive(&loop_) != 0; }

  /// Calls `f` every millisecond, `times` times.
  void tick(int times, std::function<void()> f) {
    left_ = times;
    on_tick_ = std::move(f);
    uv_timer_start(&timer_, on_timer, 1, 1);
  }

 private:
  static void on_timer(uv_timer_t* timer) {
    auto& self = *static_cast<Owner*>(timer->data);
    if (--self.left_ == 0) uv_timer_stop(timer);
    const auto f = self.on_tick_;
    if (f) f();
  }

  uv_loop_t loop_;
  uv_timer_t timer_;
  int left_ = 0;
  std::function<void()> on_tick_;
};

Coro<int> count_to(int end) {
  for (int i = 0; i < end; ++i) {
    co_await aio::sleep(0);
    co_await aio::sleep(1ms);
  }
  co_return end;
}

}  // namespace

TEST_CASE("tasks on a borrowed loop sleep where the system has no precise timer") {
  Owner owner;
  EventLoop loop(aio::borrowed, owner.uv());
  aio::detail::core_of(loop.state()).poller.use_portable_alarm();
  const auto task = loop.create_task(count_to(3));
  owner.run();
  CHECK(task.result() == 3);
}

TEST_CASE("tasks go on while the owner of the loop runs it") {
  Owner owner;
  EventLoop loop(aio::borrowed, owner.uv());
  int ticks = 0;
  owner.tick(3, [&] {
    ++ticks;
    CHECK_THROWS_AS(aio::get_running_loop(), aio::RuntimeError);
  });
  const auto body = [&loop]() -> Coro<int> {
    CHECK(&aio::get_running_loop() == &loop);
    CHECK(loop.is_running());
    co_return co_await aio::create_task(count_to(5));
  };
  const auto task = loop.create_task(body);
  owner.run();
  CHECK(ticks == 3);
  REQUIRE(task.done());
  CHECK(task.result() == 5);
  CHECK_FALSE(loop.is_running());
}

TEST_CASE("the owner's run ends when neither has anything left and can be begun again") {
  Owner owner;
  EventLoop loop(aio::borrowed, owner.uv());
  owner.run();
  std::string log;
  for (int i = 0; i < 3; ++i) {
    loop.call_soon([&] {
      log += "s";
      loop.call_soon([&] { log += "n"; });
    });
    loop.call_later(1ms, [&] { log += "l"; });
    owner.run();
    const auto task = loop.create_task(count_to(1));
    owner.run();
    CHECK(task.done());
  }
  CHECK(log == "snlsnlsnl");
}

TEST_CASE("the owner's callbacks may schedule and set results") {
  Owner owner;
  EventLoop loop(aio::borrowed, owner.uv());
  const auto future = loop.create_future<int>();
  const auto wait = [future]() -> Coro<int> { co_return co_await future; };
  const auto waiting = loop.create_task(wait);
  aio::Task<int> made;
  bool called = false;
  owner.tick(1, [&] {
    future.set_result(4);
    made = loop.create_task(count_to(2));
    loop.call_soon([&] { called = true; });
  });
  owner.run();
  CHECK(waiting.result() == 4);
  CHECK(made.result() == 2);
  CHECK(called);
}

TEST_CASE("calls from other threads and pool work come in while the owner runs the loop") {
  Owner owner;
  EventLoop loop(aio::borrowed, owner.uv());
  const auto future = loop.create_future<int>();
  const auto body = [future]() -> Coro<int> {
    const auto work = [](int number) { return number * 2; };
    const int from_pool = co_await aio::to_thread(work, 21);
    co_return from_pool + co_await future;
  };
  const auto task = loop.create_task(body);
  std::thread other([&] { loop.call_soon_threadsafe([future] { future.set_result(100); }); });
  owner.run();
  other.join();
  REQUIRE(task.done());
  CHECK(task.result() == 142);
}

TEST_CASE("aio runs a borrowed loop itself and serves the owner's handles on the way") {
  Owner owner;
  EventLoop loop(aio::borrowed, owner.uv());
  const auto future = loop.create_future<int>();
  int ticks = 0;
  owner.tick(2, [&] {
    if (++ticks == 2) future.set_result(ticks);
  });
  CHECK(loop.run_until_complete(future) == 2);
  owner.run();
  CHECK(loop.run_until_complete(count_to(2)) == 2);
  CHECK(aio::all_tasks(loop).empty());
}

TEST_CASE("an owner's timer that is due before libuv waits ends the wait of a loop that aio runs") {
  Owner owner;
  EventLoop loop(aio::borrowed, owner.uv());
  const auto after_its_time = [&owner](std::function<void()> f) {
    owner.tick(1, std::move(f));
    const std::uint64_t due = uv_now(owner.uv()) + 2;
    while (uv_hrtime() / 1'000'000 <= due) std::this_thread::yield();
  };
  const auto future = loop.create_future<int>();
  after_its_time([future] { future.set_result(1); });
  CHECK(loop.run_until_complete(future) == 1);
  bool stopped = false;
  after_its_time([&] {
    stopped = true;
    loop.stop();
  });
  loop.run_forever();
  CHECK(stopped);
}

TEST_CASE("what is run inside a turn cannot run the loop") {
  Owner owner;
  EventLoop loop(aio::borrowed, owner.uv());
  bool called = false;
  loop.call_soon([&] {
    called = true;
    CHECK_THROWS_AS(loop.run_forever(), aio::RuntimeError);
    CHECK_THROWS_AS(loop.close(), aio::RuntimeError);
  });
  owner.run();
  CHECK(called);
}

TEST_CASE("close leaves a borrowed loop to its owner with its handles alive") {
  Owner owner;
  int ticks = 0;
  owner.tick(1, [&] { ++ticks; });
  {
    EventLoop loop(aio::borrowed, owner.uv());
    loop.call_later(1h, [] {});
    loop.call_soon([&] { ticks += 100; });  // never called
    loop.close();
    CHECK(loop.is_closed());
    CHECK(owner.is_alive());
    owner.run();
    CHECK(ticks == 1);
    CHECK_FALSE(owner.is_alive());
  }
  EventLoop second(aio::borrowed, owner.uv());
  CHECK(second.run_until_complete(count_to(1)) == 1);
}

TEST_CASE("an owner's callback may close a loop that has nothing left") {
  Owner owner;
  EventLoop loop(aio::borrowed, owner.uv());
  const Pipe pipe;
  loop.add_reader(pipe.reader(), [] {});
  loop.add_signal_handler(SIGUSR1, [] {});
  owner.tick(1, [&] { loop.close(); });
  owner.run();
  CHECK(loop.is_closed());
  CHECK_FALSE(owner.is_alive());
}

TEST_CASE("close ends the tasks that are left on a borrowed loop") {
  Owner owner;
  bool cancelled = false;
  {
    EventLoop loop(aio::borrowed, owner.uv());
    Reports reports(loop);
    const auto body = [&cancelled]() -> Coro<void> {
      const auto outcome = co_await outcome_of(aio::sleep(1h));
      cancelled = outcome.cancelled.has_value();
      co_await aio::sleep(1ms);
    };
    static_cast<void>(loop.create_task("left", body));
    owner.tick(1, [&] { uv_stop(owner.uv()); });
    owner.run();
    CHECK_FALSE(cancelled);
    loop.close();
    CHECK(reports.messages.size() == 1);
  }
  CHECK(cancelled);
}

namespace {

/// Calls `f` when a closing loop drops the callback that holds it.
auto call_when_dropped(std::function<void()> f) {
  const auto call = [f = std::move(f)](const void*) { f(); };
  return [held = std::shared_ptr<void>(nullptr, call)] {};
}

}  // namespace

TEST_CASE("calls made while a closing borrowed loop drops its callbacks have come back") {
  Owner owner;
  const aio::ThreadPoolExecutor executor(1);
  std::atomic<int> ran = 0;
  const Pipe pipe;
  auto options = aio::PoolOptions();
  int calls = 3;
  SUBCASE("one by one") {}
  SUBCASE("in batches") {
    options = options.small();
    calls = 40;
  }
  {
    EventLoop loop(aio::borrowed, owner.uv());
    const auto submit = [&] {
      for (int i = 0; i < calls; ++i) {
        static_cast<void>(loop.run_in_executor(executor, options, [&ran] { ++ran; }));
      }
    };
    loop.add_reader(pipe.reader(), call_when_dropped(submit));
  }
  CHECK(ran == calls);
  CHECK(executor.statistics().completed == static_cast<unsigned>(calls));
}
