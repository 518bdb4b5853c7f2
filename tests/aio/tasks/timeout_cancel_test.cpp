#include <doctest/doctest.h>

#include <chrono>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"
#include "support/timed_out.hpp"

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using aio::Timeout;
using aio::TimeoutError;
using support::now;
using support::Outcome;
using support::outcome_of;
using support::sleep_an_hour;
using support::timed_out;
using support::turns;

TEST_CASE("a cancellation from outside an unexpired scope stays one [O5]") {
  aio::testing::run([]() -> Coro<void> {
    Timeout scope = aio::timeout(10s);
    const auto task = aio::create_task(aio::with(scope, sleep_an_hour));
    co_await aio::sleep(1s);
    task.cancel("from outside");
    const Outcome outcome = co_await outcome_of(task);
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "from outside");
    CHECK(task.cancelled());
    CHECK(task.cancelling() == 1);
    CHECK_FALSE(scope.expired());
  });
}

TEST_CASE("a CancelledError that the body makes up stays one in an unexpired scope [O5]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      throw CancelledError("made up");
      co_return;
    };
    const Outcome outcome = co_await outcome_of(aio::with(aio::timeout(10s), body));
    CHECK(outcome.cancelled.has_value());
  });
}

TEST_CASE("a scope works in a task that swallowed a cancellation before [O8]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      const Outcome swallowed = co_await outcome_of(aio::sleep(1h));
      CHECK(swallowed.cancelled.has_value());
      CHECK(aio::current_task().cancelling() == 1);
      const Outcome overdue = co_await outcome_of(aio::with(aio::timeout(0), sleep_an_hour));
      CHECK(timed_out(overdue));
      const Outcome late = co_await outcome_of(aio::with(aio::timeout(1s), sleep_an_hour));
      CHECK(timed_out(late));
      CHECK(aio::current_task().cancelling() == 1);
      const auto cancels_itself = []() -> Coro<void> {
        aio::current_task().cancel();
        co_await aio::sleep(1h);
      };
      const Outcome own = co_await outcome_of(aio::with(aio::timeout(1s), cancels_itself));
      CHECK(own.cancelled.has_value());
    };
    const auto task = aio::create_task(body);
    co_await turns(1);
    task.cancel();
    co_await task;
  });
}

TEST_CASE("a cancellation from outside while the scope expires wins [O9]") {
  aio::testing::run([]() -> Coro<void> {
    Timeout scope = aio::timeout(1s);
    bool cleaned = false;
    const auto body = [&]() -> Coro<void> {
      try {
        co_await aio::sleep(1h);
      } catch (const CancelledError&) {
        cleaned = true;
      }
      co_await aio::sleep(1s);
    };
    const auto task = aio::create_task(aio::with(scope, body));
    co_await aio::sleep(1500ms);
    CHECK(cleaned);
    CHECK(scope.expired());
    task.cancel("from outside");
    const Outcome outcome = co_await outcome_of(task);
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "from outside");
    CHECK(task.cancelling() == 1);
  });
}

TEST_CASE("a cancellation from outside in the turn of the expiry wins [O9]") {
  for (const bool cancel_first : {true, false}) {
    CAPTURE(cancel_first);
    aio::testing::run([&]() -> Coro<void> {
      aio::EventLoop& loop = aio::get_running_loop();
      const auto deadline = loop.time() + 1s;
      Timeout scope = aio::timeout_at(deadline);
      const auto task = aio::create_task(aio::with(scope, sleep_an_hour));
      const auto cancel = [&task] { task.cancel("from outside"); };
      if (cancel_first) loop.call_at(deadline, cancel);
      co_await turns(1);  // the scope is entered
      if (!cancel_first) loop.call_at(deadline, cancel);
      const Outcome outcome = co_await outcome_of(task);
      CHECK(outcome.cancelled.has_value());
      CHECK(task.cancelled());
      CHECK(task.cancelling() == 1);
      CHECK(scope.expired());
    });
  }
}

TEST_CASE("a body that ends without exception while the scope expires is no error [O11]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<int> {
      const Outcome swallowed = co_await outcome_of(aio::sleep(1h));
      CHECK(swallowed.cancelled.has_value());
      co_return 5;
    };
    Timeout scope = aio::timeout(1s);
    const int value = co_await aio::with(scope, body);
    CHECK(value == 5);
    CHECK(scope.expired());
    CHECK(aio::current_task().cancelling() == 0);
    co_await turns(3);  // no cancellation is left over
  });
}

TEST_CASE("a body that goes on after it swallowed the expiry is not cancelled again [O11]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      const Outcome swallowed = co_await outcome_of(aio::sleep(1h));
      CHECK(swallowed.cancelled.has_value());
      co_await aio::sleep(1h);
    };
    const auto start = now();
    co_await aio::with(aio::timeout(1s), body);
    CHECK(now() == start + 1s + 1h);
  });
}
