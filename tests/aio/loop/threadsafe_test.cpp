#include "aio/threadsafe.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "aio/testing.hpp"
#include "support/loop_test.hpp"

using namespace support;

namespace {

/// A loop that runs on a thread of its own, until the end of the scope.
class LoopThread {
 public:
  LoopThread() {
    log_.listen_to(loop_);
    thread_ = std::thread([this] { loop_.run_forever(); });
  }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  ~LoopThread() { join(); }

  void join() {
    if (!thread_.joinable()) return;
    loop_.call_soon_threadsafe([this] { loop_.stop(); });
    thread_.join();
  }
  /// Blocks until all that the loop was asked to do before has been done, twice over: what that
  /// made ready has had its turn too.
  void settle() {
    for (int i = 0; i < 3; ++i) {
      std::promise<void> done;
      loop_.call_soon_threadsafe([&done] { done.set_value(); });
      done.get_future().wait();
    }
  }
  std::size_t task_count() {
    std::promise<std::size_t> count;
    loop_.call_soon_threadsafe([&] { count.set_value(aio::all_tasks(loop_).size()); });
    return count.get_future().get();
  }
  aio::EventLoop& loop() { return loop_; }
  const std::vector<aio::ExceptionContext>& reports() const { return log_.reports; }

 private:
  ReportLog log_;
  aio::EventLoop loop_;
  std::thread thread_;
};

aio::Coro<int> add(int a, int b) {
  co_await aio::sleep(0);
  if (b == 0) throw std::domain_error("nothing to add");
  co_return a + b;
}

aio::Coro<int> cancel_itself() {
  aio::current_task().cancel("by itself");
  co_await aio::sleep(0);
  co_return 1;
}

aio::Coro<std::unique_ptr<int>> make_unique_int(int value) {
  co_return std::make_unique<int>(value);
}

aio::Coro<std::string> make_text() { co_return std::string(100, 'x'); }

/// Waits for ever, and says how it ended.
struct Sleeper {
  std::promise<void> started;
  std::promise<std::string> ended;
};

aio::Coro<int> sleep_on(Sleeper& sleeper) {
  sleeper.started.set_value();
  try {
    co_await aio::sleep(1000h);
  } catch (const aio::CancelledError&) {
    sleeper.ended.set_value("cancelled");
    throw;
  }
  co_return 1;
}

aio::Coro<std::thread::id> where() { co_return std::this_thread::get_id(); }

/// As CPython's own test has it: gives up, and cancels, when the result is not there in time.
template <class T>
T result_or_cancel(const aio::ConcurrentFuture<T>& future, aio::Duration timeout) {
  try {
    return future.result(timeout);
  } catch (const aio::TimeoutError&) {
    CHECK(future.cancel());
    throw;
  }
}

/// Cannot be moved more than once, so that no task can be made of a coroutine that takes it.
struct ThrowsInFrame {
  explicit ThrowsInFrame(int limit) : moves_left(limit) {}
  ThrowsInFrame(ThrowsInFrame&& other) : moves_left(other.moves_left - 1) {
    if (moves_left < 0) throw std::length_error("no room for a task");
  }
  ThrowsInFrame(const ThrowsInFrame& other) = default;
  int moves_left;
};

aio::Coro<void> take(ThrowsInFrame) { co_return; }

aio::Coro<void> block_for_itself(std::string& error) {
  aio::EventLoop& loop = aio::get_running_loop();
  const auto future = aio::run_coroutine_threadsafe(add(1, 2), loop);
  for (int form = 0; form < 3; ++form) {
    try {
      if (form == 0) static_cast<void>(future.get());
      if (form == 1) static_cast<void>(future.wait_for(1000h));
      if (form == 2) static_cast<void>(future.result(1000h));
      error += "none; ";
    } catch (const aio::RuntimeError& caught) {
      error += caught.what() + std::string("; ");
    }
  }
  while (!future.done()) co_await aio::sleep(0);
  CHECK(future.get() == 3);  // there is nothing to wait for any more
}

}  // namespace

TEST_CASE("run_coroutine_threadsafe gives a thread the coroutine's result [E6]") {
  LoopThread there;
  const auto future = aio::run_coroutine_threadsafe(add(1, 2), there.loop());
  CHECK(future.result() == 3);
  CHECK(future.get() == 3);
  CHECK(future.result(1000h) == 3);
  CHECK(future.wait_for(0s) == std::future_status::ready);
  CHECK(future.done());
  CHECK_FALSE(future.cancelled());
  CHECK(future.exception() == nullptr);
  CHECK(aio::run_coroutine_threadsafe(there.loop(), add, 3, 4).get() == 7);
  CHECK(aio::run_coroutine_threadsafe(where(), there.loop()).get() != std::this_thread::get_id());
}

TEST_CASE("a thread gets what the coroutine threw, and nobody else is told [E6]") {
  LoopThread there;
  {
    const auto future = aio::run_coroutine_threadsafe(add(1, 0), there.loop());
    CHECK_THROWS_WITH_AS(future.result(), "nothing to add", std::domain_error);
    CHECK(text_of(future.exception()) == "nothing to add");
    CHECK(future.done());
    CHECK_FALSE(future.cancel());
  }
  there.settle();
  there.join();
  CHECK(there.reports().empty());
}

TEST_CASE("cancelling the thread's future cancels the task [E6]") {
  LoopThread there;
  Sleeper sleeper;
  const auto future = aio::run_coroutine_threadsafe(sleep_on(sleeper), there.loop());
  sleeper.started.get_future().wait();
  CHECK_FALSE(future.done());
  CHECK(future.wait_for(0s) == std::future_status::timeout);
  CHECK(future.cancel());
  CHECK(future.cancelled());
  CHECK(future.cancel());  // as concurrent.futures has it
  CHECK_THROWS_AS(future.result(), aio::CancelledError);
  CHECK_THROWS_AS(future.exception(), aio::CancelledError);
  CHECK(sleeper.ended.get_future().get() == "cancelled");
  there.settle();
  CHECK(there.task_count() == 0);
}

TEST_CASE(
    "a result that is not there in time is a TimeoutError, and may be waited for again [E6]") {
  LoopThread there;
  Sleeper sleeper;
  const auto future = aio::run_coroutine_threadsafe(sleep_on(sleeper), there.loop());
  sleeper.started.get_future().wait();
  CHECK_THROWS_AS(static_cast<void>(future.result(1ms)), aio::TimeoutError);
  CHECK_FALSE(future.done());
  CHECK_THROWS_AS(result_or_cancel(future, 0s), aio::TimeoutError);
  CHECK(sleeper.ended.get_future().get() == "cancelled");
  there.settle();
  CHECK(there.task_count() == 0);
}

TEST_CASE("a task that is cancelled inside cancels the thread's future [E6]") {
  LoopThread there;
  const auto future = aio::run_coroutine_threadsafe(cancel_itself(), there.loop());
  std::string message;
  try {
    future.get();
  } catch (const aio::CancelledError& error) {
    message = error.message();
  }
  CHECK(message == "by itself");
  CHECK(future.cancelled());
}

TEST_CASE("a task that cannot be made is told to the caller and to the handler [E6]") {
  LoopThread there;
  for (int limit = 0; limit < 8; ++limit) {
    CAPTURE(limit);
    const ThrowsInFrame argument(limit);
    aio::ConcurrentFuture<> future;  // kept: a sanitizer does not see how exceptions are counted
    try {
      future = aio::run_coroutine_threadsafe(there.loop(), take, argument);
      future.get();
    } catch (const std::length_error& error) {
      CHECK(std::string(error.what()) == "no room for a task");
    }
  }
  there.join();
  CHECK_FALSE(there.reports().empty());
  for (const auto& report : there.reports()) {
    CHECK(report.message == "Exception in callback");
    CHECK(text_of(report.exception) == "no room for a task");
  }
}

TEST_CASE("a coroutine whose future is cancelled before its turn never starts [E6]") {
  aio::EventLoop loop;
  bool ran = false;
  const auto set = [](bool& flag) -> aio::Coro<void> {
    flag = true;
    co_return;
  };
  const auto future = aio::run_coroutine_threadsafe(set(ran), loop);
  std::thread([&future] { CHECK(future.cancel()); }).join();
  run_turns(loop, 5);
  CHECK_FALSE(ran);
  CHECK(aio::all_tasks(loop).empty());
}

TEST_CASE("a closed loop is an error and not a wait for ever [E6]") {
  aio::EventLoop loop;
  const auto queued = aio::run_coroutine_threadsafe(add(1, 2), loop);
  std::thread waiter([&queued] { CHECK_THROWS_AS(queued.get(), aio::RuntimeError); });
  loop.close();
  waiter.join();
  CHECK_THROWS_AS(static_cast<void>(aio::run_coroutine_threadsafe(add(1, 2), loop)),
                  aio::RuntimeError);
}

TEST_CASE("a loop that is closed while it runs the coroutine cancels the thread's future [E6]") {
  LoopThread there;
  Sleeper sleeper;
  const auto future = aio::run_coroutine_threadsafe(sleep_on(sleeper), there.loop());
  sleeper.started.get_future().wait();
  std::thread waiter([&future] { CHECK_THROWS_AS(future.get(), aio::CancelledError); });
  there.join();
  {
    const CapturedStderr reports;
    there.loop().close();
    CHECK(reports.text().find("was pending when its loop was closed") != std::string::npos);
  }
  waiter.join();
  CHECK(future.cancelled());
}

TEST_CASE("to block on the loop's own thread is refused [E6]") {
  std::string error;
  aio::run(block_for_itself(error));
  const std::string text = "a loop cannot block for what it is to run itself: await it instead; ";
  CHECK(error == text + text + text);
}

TEST_CASE("a thread may move the result out, copy it, or drop the future") {
  LoopThread there;
  auto moved = aio::run_coroutine_threadsafe(make_unique_int(5), there.loop());
  CHECK(*moved.get() == 5);  // in its place
  const std::unique_ptr<int> five = std::move(moved).get();
  CHECK(*five == 5);
  CHECK(aio::run_coroutine_threadsafe(make_text(), there.loop()).get() == std::string(100, 'x'));
  const auto text = aio::run_coroutine_threadsafe(make_text(), there.loop());
  const auto same = text;
  CHECK(same == text);
  CHECK(&same.get() == &text.get());
  static_cast<void>(aio::run_coroutine_threadsafe(make_text(), there.loop()));
  there.settle();
}

TEST_CASE("many threads run coroutines on a loop and cancel them at random [E6]") {
  LoopThread there;
  std::atomic<int> ended = 0;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < 300; ++i) {
        const auto future = aio::run_coroutine_threadsafe(there.loop(), add, 1, 2);
        if ((i * 7 + t) % 3 == 0) future.cancel();
        try {
          if (future.get() == 3) ++ended;
        } catch (const aio::CancelledError&) {
          ++ended;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(ended == 900);
  there.settle();
  CHECK(there.task_count() == 0);
}
