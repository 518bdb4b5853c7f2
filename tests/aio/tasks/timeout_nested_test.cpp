#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <thread>
#include <vector>

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

TEST_CASE("of nested scopes with equal deadlines only the outermost throws TimeoutError [O6]") {
  aio::testing::run([]() -> Coro<void> {
    const auto deadline = now() + 1s;
    Timeout outer = aio::timeout_at(deadline);
    Timeout middle = aio::timeout_at(deadline);
    Timeout inner = aio::timeout_at(deadline);
    Outcome of_inner;
    Outcome of_middle;
    const auto in_middle = [&]() -> Coro<void> {
      of_inner = co_await outcome_of(aio::with(inner, sleep_an_hour));
      throw CancelledError(*of_inner.cancelled);
    };
    const auto in_outer = [&]() -> Coro<void> {
      of_middle = co_await outcome_of(aio::with(middle, in_middle));
      throw CancelledError(*of_middle.cancelled);
    };
    const Outcome of_outer = co_await outcome_of(aio::with(outer, in_outer));
    CHECK(of_inner.cancelled.has_value());
    CHECK(of_middle.cancelled.has_value());
    CHECK(timed_out(of_outer));
    CHECK(inner.expired());
    CHECK(middle.expired());
    CHECK(outer.expired());
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("a scope inside one that expires first sees a cancellation and has not expired [O6]") {
  aio::testing::run([]() -> Coro<void> {
    Timeout inner = aio::timeout(2s);
    Outcome of_inner;
    const auto in_outer = [&]() -> Coro<void> {
      of_inner = co_await outcome_of(aio::with(inner, sleep_an_hour));
      throw CancelledError(*of_inner.cancelled);
    };
    const Outcome of_outer = co_await outcome_of(aio::with(aio::timeout(1s), in_outer));
    CHECK(of_inner.cancelled.has_value());
    CHECK_FALSE(inner.expired());
    CHECK(of_outer.threw<TimeoutError>());
  });
}

TEST_CASE("of two scopes overdue after blocking code the inner throws and then the outer [O7]") {
  aio::run([]() -> Coro<void> {
    Timeout outer = aio::timeout(std::nullopt);
    Timeout inner = aio::timeout(std::nullopt);
    Outcome of_inner;
    Outcome of_next;
    const auto block = [&]() -> Coro<void> {
      const auto start = now();
      outer.reschedule(start + 200ms);
      inner.reschedule(start + 100ms);
      while (now() <= start + 200ms) std::this_thread::sleep_for(1ms);
      co_await aio::sleep(1h);
    };
    const auto in_outer = [&]() -> Coro<void> {
      of_inner = co_await outcome_of(aio::with(inner, block));
      REQUIRE(timed_out(of_inner));  // or it would sleep the hour
      CHECK_FALSE(outer.expired());
      of_next = co_await outcome_of(aio::sleep(1h));
      throw CancelledError(*of_next.cancelled);
    };
    const Outcome of_outer = co_await outcome_of(aio::with(outer, in_outer));
    CHECK(of_next.cancelled.has_value());
    CHECK(timed_out(of_outer));
    CHECK(inner.expired());
    CHECK(outer.expired());
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("three scopes that are overdue together throw one after the other [O7]") {
  aio::testing::run([]() -> Coro<void> {
    Timeout outer = aio::timeout(std::nullopt);
    Timeout middle = aio::timeout(std::nullopt);
    Timeout inner = aio::timeout(std::nullopt);
    std::vector<Outcome> outcomes;
    const auto late = [&]() -> Coro<void> {
      inner.reschedule(now() - 3s);
      middle.reschedule(now() - 2s);
      outer.reschedule(now() - 1s);
      co_await aio::sleep(1h);
    };
    const auto in_middle = [&]() -> Coro<void> {
      outcomes.push_back(co_await outcome_of(aio::with(inner, late)));
      co_await aio::sleep(1h);
    };
    const auto in_outer = [&]() -> Coro<void> {
      outcomes.push_back(co_await outcome_of(aio::with(middle, in_middle)));
      co_await aio::sleep(1h);
    };
    const auto start = now();
    outcomes.push_back(co_await outcome_of(aio::with(outer, in_outer)));
    REQUIRE(outcomes.size() == 3);
    for (const Outcome& outcome : outcomes) CHECK(timed_out(outcome));
    CHECK(now() == start);
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("an overdue outer scope fires though what the inner cancelled goes on cleaning up [O7]") {
  aio::testing::run([]() -> Coro<void> {
    Timeout outer = aio::timeout(std::nullopt);
    Timeout inner = aio::timeout(std::nullopt);
    int cancels = 0;
    const auto clean_up_for_long = [&]() -> Coro<void> {
      for (;;) {
        try {
          co_await aio::sleep(1h);
          co_return;
        } catch (const CancelledError&) {
          if (++cancels == 2) throw;
        }
      }
    };
    const auto task = aio::create_task(clean_up_for_long);
    co_await turns(1);
    const auto late = [&]() -> Coro<void> {
      inner.reschedule(now() - 2s);
      outer.reschedule(now() - 1s);
      co_await task;
    };
    const auto start = now();
    const auto in_outer = [&] { return aio::with(inner, late); };
    const Outcome outcome = co_await outcome_of(aio::with(outer, in_outer));
    CHECK(cancels == 2);
    CHECK(timed_out(outcome));
    CHECK(inner.expired());
    CHECK(now() == start);
  });
}
