#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"

// Which of several messages a task sees that is cancelled more than once before it runs again.
// While it waits, the first request ends the wait and is what it ends with; where there is no wait
// to end, the last request stands.

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using aio::Future;
using aio::Task;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

/// The message of the CancelledError that `awaitable` ends with.
template <class A>
Coro<std::string> message_of(A awaitable) {
  const Outcome outcome = co_await outcome_of(std::move(awaitable));
  if (!outcome.cancelled) co_return "not cancelled";
  co_return outcome.cancelled->message();
}

/// What a task sees that awaits `awaitable` for `count` turns before `requests` are made.
template <class A>
Coro<std::string> seen(A awaitable, int count, std::function<void(const Task<std::string>&)> ask) {
  const auto task = aio::create_task(message_of(std::move(awaitable)));
  co_await turns(count);
  ask(task);
  co_return co_await task;
}

void cancel_thrice(const Task<std::string>& task) {
  CHECK(task.cancel("first"));
  CHECK(task.cancel("second"));
  CHECK(task.cancel("third"));
  CHECK(task.cancelling() == 3);
}

Future<int> make_future() { return aio::get_running_loop().create_future<int>(); }

Coro<int> swallow() {
  try {
    co_await aio::sleep(1h);
  } catch (const CancelledError&) {
  }
  co_return 1;
}

}  // namespace

TEST_CASE("a task that waits for a future sees the first of several messages [T5 T12]") {
  aio::testing::run([]() -> Coro<void> {
    const std::string message = co_await seen(make_future(), 1, cancel_thrice);
    CHECK(message == "first");
  });
}

TEST_CASE("a task that sleeps sees the first of several messages [T5 T12]") {
  aio::testing::run([]() -> Coro<void> {
    const std::string message = co_await seen(aio::sleep(1h), 1, cancel_thrice);
    CHECK(message == "first");
  });
}

TEST_CASE("a task that waits for a task or gather or shield sees the first message [T9 T12]") {
  aio::testing::run([]() -> Coro<void> {
    const auto sleeper = aio::create_task(aio::sleep(1h));
    const std::string of_task = co_await seen(sleeper, 2, cancel_thrice);
    CHECK(of_task == "first");
    const auto both = aio::gather(aio::sleep(1h), aio::sleep(1h));
    const std::string of_gather = co_await seen(both, 2, cancel_thrice);
    CHECK(of_gather == "first");
    const auto future = make_future();
    const std::string of_shield = co_await seen(aio::shield(future), 1, cancel_thrice);
    CHECK(of_shield == "first");
  });
}

TEST_CASE("several requests in one turn are delivered as one cancellation [T3 T7]") {
  aio::testing::run([]() -> Coro<void> {
    for (const bool sleeps : {true, false}) {
      const auto body = [](bool sleep) -> Coro<std::vector<std::string>> {
        std::vector<std::string> messages;
        for (int i = 0; i < 2; ++i) {
          if (sleep) {
            messages.push_back(co_await message_of(aio::sleep(1s)));
          } else {
            messages.push_back(co_await message_of(aio::create_task(aio::sleep(1s))));
          }
        }
        co_return messages;
      };
      const auto task = aio::create_task(body, sleeps);
      co_await turns(2);
      task.cancel("first");
      task.cancel("second");
      const auto messages = co_await task;
      CHECK(messages == std::vector<std::string>{"first", "not cancelled"});
    }
  });
}

TEST_CASE("a task whose future was cancelled by itself sees that message [T5 T12]") {
  aio::testing::run([]() -> Coro<void> {
    const auto cancelled = make_future();
    const std::string of_cancelled = co_await seen(cancelled, 1, [&](const auto& task) {
      cancelled.cancel("of the future");
      task.cancel("of the task");
    });
    CHECK(of_cancelled == "of the future");
    const auto failed = make_future();
    const std::string of_failed = co_await seen(failed, 1, [&](const auto& task) {
      failed.set_exception(CancelledError("of the future"));
      task.cancel("of the task");
    });
    CHECK(of_failed == "of the future");
  });
}

TEST_CASE("a task whose future is done already sees the last of several messages [T5 T12]") {
  aio::testing::run([]() -> Coro<void> {
    const auto done = make_future();
    const std::string of_done = co_await seen(done, 1, [&](const auto& task) {
      done.set_result(1);
      cancel_thrice(task);
    });
    CHECK(of_done == "third");
    const auto failed = make_future();
    const std::string of_failed = co_await seen(failed, 1, [&](const auto& task) {
      failed.set_exception(std::out_of_range("its own"));
      cancel_thrice(task);
    });
    CHECK(of_failed == "third");
  });
}

TEST_CASE("a task that is about to go on sees the last of several messages [T12 T20]") {
  aio::testing::run([]() -> Coro<void> {
    const std::string message = co_await seen(aio::sleep(0), 1, cancel_thrice);
    CHECK(message == "third");
  });
}

TEST_CASE("a task that has not started ends with the last of several messages [T4 T12]") {
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(aio::sleep(1h));
    task.cancel("first");
    task.cancel("second");
    const std::string message = co_await message_of(task);
    CHECK(message == "second");
  });
}

TEST_CASE("a task that cancels itself twice sees the last message [T8 T12]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = [](bool waits) -> Coro<std::string> {
      aio::current_task().cancel("first");
      aio::current_task().cancel("second");
      if (!waits) co_return "dropped";
      co_return co_await message_of(make_future());
    };
    const std::string at_await = co_await aio::create_task(body, true);
    CHECK(at_await == "second");
    const std::string at_end = co_await message_of(aio::create_task(body, false));
    CHECK(at_end == "second");
  });
}

TEST_CASE("a request after the awaited task swallowed the one before is delivered [T6 T12]") {
  aio::testing::run([]() -> Coro<void> {
    const auto inner = aio::create_task(swallow());
    const auto outer = aio::create_task(message_of(inner));
    co_await turns(2);
    outer.cancel("first");
    co_await turns(1);
    REQUIRE(inner.done());
    outer.cancel("second");
    const std::string message = co_await outer;
    CHECK(message == "second");
  });
}
