#include "aio/sleep.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include "aio/detail/loop_state.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"

using namespace std::chrono_literals;
using aio::Coro;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

template <class T>
concept Delay = requires(T delay) { aio::sleep(delay); };

}  // namespace

TEST_CASE("a delay without a unit does not compile unless it is 0") {
  static_assert(requires { aio::sleep(0); });
  static_assert(Delay<std::chrono::seconds>);
  static_assert(Delay<std::chrono::duration<double, std::milli>>);
  static_assert(!Delay<double>);
  static_assert(!Delay<long>);
  static_assert(!Delay<bool>);  // another int than 0: see refused/sleep_without_unit.cpp
}

TEST_CASE("sleep waits for exactly its time on a virtual clock") {
  aio::testing::run([]() -> Coro<void> {
    const aio::EventLoop& loop = aio::get_running_loop();
    const auto start = loop.time();
    co_await aio::sleep(24h);
    CHECK(loop.time() - start == 24h);
    co_await aio::sleep(0.25s);
    CHECK(loop.time() - start == 24h + 250ms);
    co_await aio::sleep(std::chrono::duration<double>(1e-10));
    CHECK(loop.time() - start == 24h + 250ms + 1ns);
  });
}

TEST_CASE("sleep counts from when it is awaited") {
  aio::testing::run([]() -> Coro<void> {
    const aio::EventLoop& loop = aio::get_running_loop();
    auto later = aio::sleep(1s);
    co_await aio::sleep(5s);
    const auto start = loop.time();
    co_await std::move(later);
    CHECK(loop.time() - start == 1s);
  });
}

TEST_CASE("[T20] a sleep of zero or less takes one turn and no time") {
  aio::testing::run([]() -> Coro<void> {
    const aio::EventLoop& loop = aio::get_running_loop();
    const auto start = loop.time();
    const auto turn = loop.turn_count();
    co_await aio::sleep(0);
    CHECK(loop.turn_count() == turn + 1);
    co_await aio::sleep(0s);
    CHECK(loop.turn_count() == turn + 2);
    co_await aio::sleep(-1h);
    CHECK(loop.turn_count() == turn + 3);
    co_await aio::sleep(-std::numeric_limits<double>::infinity() * 1s);
    CHECK(loop.turn_count() == turn + 4);
    CHECK(loop.time() == start);
  });
}

TEST_CASE("[T20] tasks that sleep zero take turns in order") {
  aio::testing::run([]() -> Coro<void> {
    std::string order;
    const auto body = [&order](char name) -> Coro<void> {
      for (int i = 0; i < 3; ++i) {
        order += name;
        co_await aio::sleep(0);
      }
    };
    const auto a = aio::create_task(body, 'a');
    const auto b = aio::create_task(body, 'b');
    co_await a;
    co_await b;
    CHECK(order == "ababab");
  });
}

TEST_CASE("[T20] a NaN is a ValueError") {
  const auto nan = std::numeric_limits<double>::quiet_NaN() * 1s;
  CHECK_THROWS_AS(static_cast<void>(aio::sleep(nan)), aio::ValueError);
}

TEST_CASE("a delay longer than the clock can say is the longest it can") {
  aio::testing::run([]() -> Coro<void> {
    const auto endless = std::numeric_limits<double>::infinity() * 1s;
    const auto task = aio::create_task(aio::sleep(endless));
    const auto years = aio::create_task(aio::sleep(std::chrono::years(1'000'000)));
    co_await aio::sleep(24h * 365 * 100);
    CHECK_FALSE(task.done());
    CHECK_FALSE(years.done());
    task.cancel();
    years.cancel();
    co_await turns(2);
    CHECK(task.cancelled());
  });
}

TEST_CASE("[T20] a cancelled sleep leaves the loop's timers at once") {
  aio::testing::run([]() -> Coro<void> {
    aio::EventLoop& loop = aio::get_running_loop();
    const auto task = aio::create_task(outcome_of(aio::sleep(1h)));
    co_await turns(1);
    CHECK(loop.state().timers.size() == 1);
    task.cancel("up");
    CHECK(loop.state().timers.empty());
    const auto start = loop.time();
    const Outcome outcome = co_await task;
    CHECK(loop.time() == start);
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "up");
  });
}

TEST_CASE("a sleep that is due and cancelled in the same turn is cancelled") {
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(outcome_of(aio::sleep(1s)));
    // Due at the same time and armed before, so called before the sleeper's step.
    aio::get_running_loop().call_later(1s, [&task] { task.cancel(); });
    co_await aio::sleep(2s);
    REQUIRE(task.done());
    const Outcome outcome = task.result();
    CHECK(outcome.cancelled.has_value());
  });
}

TEST_CASE("[T20] sleep gives its result") {
  aio::testing::run([]() -> Coro<void> {
    const std::string text = co_await aio::sleep(1s, std::string("slept"));
    CHECK(text == "slept");
    const int number = co_await aio::sleep(0s, 7);
    CHECK(number == 7);
    const auto task = aio::create_task(aio::sleep(1s, std::make_unique<int>(8)));
    const std::unique_ptr<int>& made = co_await task;
    CHECK(*made == 8);
  });
}

TEST_CASE("equal deadlines are met in the order of sleeping") {
  aio::testing::run([]() -> Coro<void> {
    std::vector<int> order;
    const auto body = [&order](int number) -> Coro<void> {
      co_await aio::sleep(1s);
      order.push_back(number);
    };
    for (int i = 0; i < 100; ++i) static_cast<void>(aio::create_task(body, i));
    co_await aio::sleep(2s);
    REQUIRE(order.size() == 100);
    CHECK(std::is_sorted(order.begin(), order.end()));
  });
}
