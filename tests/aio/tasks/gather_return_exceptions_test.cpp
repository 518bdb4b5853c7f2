#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"

using namespace std::chrono_literals;
using aio::Coro;
using aio::Future;
using aio::Outcome;
using aio::return_exceptions;
using aio::Task;
using support::fail_after;
using support::outcome_of;
using support::Reports;
using support::turns;

namespace {

template <class T>
Coro<T> after(aio::Duration delay, T value) {
  co_await aio::sleep(delay);
  co_return value;
}

/// Ends with a value when it is cancelled.
Coro<int> refuse() {
  const support::Outcome outcome = co_await outcome_of(aio::sleep(1h));
  co_return outcome.cancelled ? -1 : 1;
}

}  // namespace

TEST_CASE("an outcome gives its value or throws its exception") {
  const auto good = Outcome<std::string>::success("value");
  CHECK(good.has_value());
  CHECK(good.value() == "value");
  CHECK(good.exception() == nullptr);
  CHECK_FALSE(good.cancelled());
  const auto bad = Outcome<int>::failure(std::make_exception_ptr(std::runtime_error("bad")));
  CHECK_FALSE(bad);
  CHECK_THROWS_AS(static_cast<void>(bad.value()), std::runtime_error);
  CHECK(bad.exception() != nullptr);
  CHECK_FALSE(bad.cancelled());
  const auto cancelled = Outcome<>::failure(std::make_exception_ptr(aio::CancelledError("why")));
  CHECK(cancelled.cancelled());
  CHECK_THROWS_AS(cancelled.value(), aio::CancelledError);
  CHECK(Outcome<>::success().has_value());
  auto moved = Outcome<std::unique_ptr<int>>::success(std::make_unique<int>(3));
  CHECK(*std::move(moved).value() == 3);
}

TEST_CASE("an exception can be a value") {
  const auto value = std::make_exception_ptr(std::runtime_error("kept"));
  const auto outcome = Outcome<std::exception_ptr>::success(value);
  CHECK(outcome.has_value());
  CHECK(outcome.value() == value);
}

TEST_CASE("exceptions and cancellations stand among the results and all are waited for [G4]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    const auto victim = aio::create_task(after(1h, 1));
    aio::get_running_loop().call_later(1s, [victim] { victim.cancel("by hand"); });
    const auto [text, failed, cancelled, nothing] =
        co_await aio::gather(return_exceptions, after(5s, std::string("late")),
                             fail_after<int>(0s, "failed"), victim, aio::sleep(2s));
    CHECK(aio::get_running_loop().time() - start == 5s);
    CHECK(text.value() == "late");
    CHECK_THROWS_WITH_AS(static_cast<void>(failed.value()), "failed", std::runtime_error);
    CHECK(cancelled.cancelled());
    CHECK_THROWS_AS(static_cast<void>(cancelled.value()), aio::CancelledError);
    static_assert(std::is_same_v<decltype(nothing), const Outcome<void>>);
    CHECK(nothing.has_value());
  }());
  CHECK(reports.messages.empty());  // the failures have been looked at
}

TEST_CASE("a vector gives a vector of outcomes in the order of the arguments [G4]") {
  aio::testing::run([]() -> Coro<void> {
    std::vector<Coro<int>> coros;
    coros.push_back(after(3s, 1));
    coros.push_back(fail_after<int>(2s, "second"));
    coros.push_back(after(1s, 3));
    const std::vector<Outcome<int>> results =
        co_await aio::gather(return_exceptions, std::move(coros));
    REQUIRE(results.size() == 3);
    CHECK(results[0].value() == 1);
    CHECK_FALSE(results[1].has_value());
    CHECK(results[2].value() == 3);
    std::vector<aio::Sleep<void>> sleeps;
    sleeps.push_back(aio::sleep(1s));
    const auto nothings = co_await aio::gather(return_exceptions, std::move(sleeps));
    static_assert(std::is_same_v<decltype(nothings), const std::vector<Outcome<void>>>);
    CHECK(nothings.front().has_value());
  });
}

TEST_CASE("gather of nothing with return_exceptions is done and empty [G2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto none = aio::gather(return_exceptions);
    CHECK(none.done());
    static_assert(std::is_same_v<decltype(none), const Future<std::tuple<>>>);
    const auto list = aio::gather(return_exceptions, std::vector<Task<int>>());
    CHECK(list.done());
    CHECK(list.result().empty());
    co_return;
  });
}

TEST_CASE("cancelling gather cancels its children and throws even with return_exceptions [G6]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto done = aio::create_task(after(0s, 0));
    const auto one = aio::create_task(after(1h, 1));
    const auto refusing = aio::create_task(refuse());
    const auto fails = []() -> Coro<int> {
      const support::Outcome outcome = co_await outcome_of(aio::sleep(1h));
      co_await aio::sleep(5s);
      throw std::runtime_error("cleanup");
    };
    co_await done;
    const auto start = aio::get_running_loop().time();
    const auto all = aio::gather(return_exceptions, done, one, refusing, fails());
    co_await turns(2);
    CHECK(all.cancel("stop"));
    CHECK_FALSE(all.done());
    const support::Outcome outcome = co_await outcome_of(
        Future<std::tuple<Outcome<int>, Outcome<int>, Outcome<int>, Outcome<int>>>(all));
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "stop");
    CHECK(one.cancelled());
    CHECK(refusing.result() == -1);
    CHECK(aio::get_running_loop().time() - start == 5s);  // all have ended
  }());
  CHECK(reports.messages.empty());
}

TEST_CASE("cancel after all children finished is false with return_exceptions too [G7]") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = aio::get_running_loop().create_future<int>();
    const auto all = aio::gather(return_exceptions, future);
    future.set_exception(std::runtime_error("failed"));
    CHECK_FALSE(all.done());
    CHECK_FALSE(all.cancel());
    const auto [result] = co_await all;
    CHECK_FALSE(result.has_value());
  });
}

TEST_CASE("one awaitable given twice runs once and its outcome appears twice [G8]") {
  aio::testing::run([]() -> Coro<void> {
    int runs = 0;
    const auto body = [&runs]() -> Coro<int> {
      ++runs;
      throw std::runtime_error("once");
      co_return 1;
    };
    const auto task = aio::create_task(body);
    const auto [first, second] = co_await aio::gather(return_exceptions, task, task);
    CHECK(first.exception() == second.exception());
    CHECK(first.exception() != nullptr);
    CHECK(runs == 1);
  });
}

TEST_CASE("a future of another loop is a ValueError with return_exceptions too [G9]") {
  aio::EventLoop other(aio::testing::virtual_time);
  const auto foreign = other.create_future<int>();
  aio::testing::run([&]() -> Coro<void> {
    CHECK_THROWS_AS(static_cast<void>(aio::gather(return_exceptions, foreign)), aio::ValueError);
    co_return;
  });
}

TEST_CASE("gather is done on return if all its children finished eagerly [G10]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  loop.set_task_factory(aio::eager_task_factory);
  loop.run_until_complete([]() -> Coro<void> {
    const auto value = [](int result) -> Coro<int> { co_return result; };
    const auto fail = []() -> Coro<int> {
      throw std::runtime_error("at once");
      co_return 0;
    };
    const auto both = aio::gather(value(1), value(2));
    REQUIRE(both.done());
    CHECK(both.result() == std::tuple(1, 2));
    const auto failed = aio::gather(value(1), fail());
    REQUIRE(failed.done());
    CHECK_THROWS_AS(static_cast<void>(failed.result()), std::runtime_error);
    const auto outcomes = aio::gather(return_exceptions, fail(), value(2));
    REQUIRE(outcomes.done());
    CHECK_FALSE(std::get<0>(outcomes.result()).has_value());
    CHECK(std::get<1>(outcomes.result()).value() == 2);
    const auto turn = aio::get_running_loop().turn_count();
    const auto [again, waits] = co_await aio::gather(both, value(3));
    CHECK(waits == 3);
    CHECK(aio::get_running_loop().turn_count() == turn);
    const auto partly = aio::gather(value(1), after(1s, 2));
    CHECK_FALSE(partly.done());
    const auto [first, second] = co_await partly;
    CHECK(first + second == 3);
  }());
}

TEST_CASE("the first failure of children that were done before is the gather's [G3]") {
  aio::testing::run([]() -> Coro<void> {
    const auto failed = aio::get_running_loop().create_future<int>();
    failed.set_exception(std::runtime_error("before"));
    const auto waiting = aio::create_task(after(5s, 1));
    const auto both = aio::gather(waiting, failed);
    CHECK(both.done());
    const support::Outcome outcome = co_await outcome_of(Future<std::tuple<int, int>>(both));
    CHECK(outcome.threw<std::runtime_error>());
    const int value = co_await waiting;
    CHECK(value == 1);
  });
}
