#include "aio/detail/callback.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "aio/event_loop.hpp"
#include "support/loop_test.hpp"

using namespace support;

namespace {

/// Runs a loop on a thread of its own until the end of the scope.
class LoopThread {
 public:
  LoopThread() : thread_([this] { loop.run_forever(); }) {}
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  ~LoopThread() { join(); }
  void join() {
    if (!thread_.joinable()) return;
    loop.call_soon_threadsafe([this] { loop.stop(); });
    thread_.join();
  }

  aio::EventLoop loop;

 private:
  std::thread thread_;
};

}  // namespace

TEST_CASE("[L15] call_soon_threadsafe wakes a loop that sleeps") {
  LoopThread runner;
  std::binary_semaphore woken(0);
  for (int i = 0; i < 50; ++i) {
    runner.loop.call_soon_threadsafe([&] { woken.release(); });
    woken.acquire();
  }
}

TEST_CASE("[L15] call_soon_threadsafe on the loop's thread keeps the order with call_soon") {
  aio::EventLoop loop;
  std::string order;
  loop.call_soon([&] {
    loop.call_soon([&] { order += "a"; });
    loop.call_soon_threadsafe([&] { order += "b"; });
    loop.call_soon([&] { order += "c"; });
    loop.call_soon_threadsafe([&] { loop.stop(); });
  });
  loop.run_forever();
  CHECK(order == "abc");
}

TEST_CASE("[L15] calls from several threads all come in and each thread's in order") {
  constexpr int threads = 4;
  constexpr int calls = 2000;
  std::vector<std::vector<int>> seen(threads);
  std::vector<std::thread> callers;
  LoopThread runner;
  for (std::size_t t = 0; t < threads; ++t) {
    callers.emplace_back([&runner, &mine = seen[t]] {
      for (int i = 0; i < calls; ++i) {
        runner.loop.call_soon_threadsafe([&mine, i] { mine.push_back(i); });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  runner.join();  // what was posted before the stop has run before it
  for (const std::vector<int>& mine : seen) {
    REQUIRE(mine.size() == calls);
    CHECK(std::is_sorted(mine.begin(), mine.end()));
  }
}

TEST_CASE("calls from other threads while the loop closes run or throw but are never lost") {
  for (int round = 0; round < 30; ++round) {
    std::atomic<int> ran = 0;
    std::atomic<int> refused = 0;
    std::atomic<int> freed = 0;
    std::atomic<int> accepted = 0;
    struct Tally {
      explicit Tally(std::atomic<int>& tally) : count(&tally) {}
      Tally(Tally&& other) noexcept : count(std::exchange(other.count, nullptr)) {}
      ~Tally() {
        if (count) ++*count;
      }
      std::atomic<int>* count;
    };
    {
      aio::EventLoop loop;
      std::atomic<bool> started = false;
      std::thread caller([&] {
        for (int i = 0; i < 300; ++i) {
          try {
            loop.call_soon_threadsafe([&ran, tally = Tally(freed)] { ++ran; });
            ++accepted;
          } catch (const aio::RuntimeError&) {
            ++refused;
          }
          started = true;
        }
      });
      while (!started) std::this_thread::yield();
      run_turns(loop, 3);
      loop.close();
      caller.join();
    }
    CHECK(accepted + refused == 300);
    CHECK(ran <= accepted);
    CHECK(freed == 300);
  }
}

TEST_CASE("[L16] a handle cancelled from another thread before the start never runs") {
  aio::EventLoop loop;
  bool ran = false;
  const auto handle = loop.call_soon_threadsafe([&] { ran = true; });
  std::thread([handle] {
    handle.cancel();
    CHECK(handle.cancelled());
  }).join();
  run_turns(loop, 2);
  CHECK_FALSE(ran);
}

TEST_CASE("[L16] cancel from another thread waits while the callback runs") {
  LoopThread runner;
  for (int round = 0; round < 20; ++round) {
    std::binary_semaphore started(0);
    std::atomic<bool> asking = false;
    std::atomic<bool> ended = false;
    const auto handle = runner.loop.call_soon_threadsafe([&] {
      started.release();
      while (!asking) std::this_thread::yield();
      for (int i = 0; i < 100; ++i) std::this_thread::yield();
      ended = true;
    });
    started.acquire();
    asking = true;
    round % 2 == 0 ? handle.cancel() : static_cast<void>(handle.cancelled());
    CHECK(ended);
  }
}

TEST_CASE("[L16] a callback that cancels itself runs on with what it holds") {
  aio::EventLoop loop;
  std::string seen;
  aio::Handle soon;
  aio::Handle outside;
  aio::TimerHandle later;
  const auto held = std::make_shared<std::string>("held");
  soon = loop.call_soon([&, held] {
    soon.cancel();
    seen += *held;
  });
  outside = loop.call_soon_threadsafe([&, held] {
    outside.cancel();
    CHECK(outside.cancelled());
    seen += *held;
  });
  later = loop.call_later(0s, [&, held] {
    later.cancel();
    seen += *held;
  });
  run_turns(loop, 2);
  CHECK(seen == "heldheldheld");
  CHECK(held.use_count() == 1);
}

TEST_CASE("what a callback holds goes when it has run though its handle stays") {
  aio::EventLoop loop;
  int alive = 0;
  const auto handle = loop.call_soon([counted = Counted(alive)] {});
  run_turns(loop, 1);
  CHECK(alive == 0);
  handle.cancel();
}

TEST_CASE("a timer cancelled when it is due but has not run does not run") {
  aio::EventLoop loop;
  bool ran = false;
  aio::TimerHandle second;
  loop.call_later(-2s, [&] { second.cancel(); });
  second = loop.call_later(-1s, [&] { ran = true; });
  run_turns(loop, 3);
  CHECK_FALSE(ran);
}

TEST_CASE("a done callback runs through the loop and keeps its future until then") {
  aio::EventLoop loop;
  int result = 0;
  {
    const auto future = loop.create_future<int>();
    future.add_done_callback([&](const aio::AnyFuture& done) {
      result = static_cast<aio::detail::FutureState<int>&>(*done.state()).value();
    });
    future.set_result(5);
  }
  CHECK(result == 0);
  run_turns(loop, 1);
  CHECK(result == 5);
}

TEST_CASE("a done callback goes with a future that nobody can set any more") {
  aio::EventLoop loop;
  int alive = 0;
  aio::DoneHandle handle;
  {
    const auto future = loop.create_future<int>();
    handle = future.add_done_callback([counted = Counted(alive)](const aio::AnyFuture&) {});
    future.add_done_callback([counted = Counted(alive)](const aio::AnyFuture&) {});
    CHECK(alive == 2);
  }
  handle = {};
  CHECK(alive == 0);
}

TEST_CASE("a done callback taken back after its future is gone is harmless") {
  aio::EventLoop loop;
  const auto other = loop.create_future<int>();
  aio::DoneHandle handle;
  {
    const auto future = loop.create_future<int>();
    handle = future.add_done_callback([](const aio::AnyFuture&) {});
  }
  CHECK(other.remove_done_callback(handle) == 0);
}
