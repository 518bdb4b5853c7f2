#include "aio/future.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/death.hpp"
#include "support/probe.hpp"

using namespace std::chrono_literals;
using aio::AnyFuture;
using aio::Coro;
using aio::Future;
using support::Outcome;
using support::outcome_of;
using support::Reports;
using support::turns;

namespace {

template <class T = void>
Future<T> new_future() {
  return aio::get_running_loop().create_future<T>();
}

/// A callback that appends its number to a list.
auto note(std::vector<int>& list, int number) {
  return [&list, number](const AnyFuture&) { list.push_back(number); };
}

template <class F, class... Args>
concept Settable = requires(F future, Args... args) { future.set_result(args...); };

}  // namespace

TEST_CASE("a result of the wrong type or number does not compile") {
  static_assert(Settable<Future<int>, int>);
  static_assert(Settable<Future<std::string>, const char*>);
  static_assert(!Settable<Future<int>, std::string>);
  static_assert(!Settable<Future<int>>);
  static_assert(Settable<Future<>>);
  static_assert(!Settable<Future<>, int>);
}

TEST_CASE("[T19] result and exception of a pending future throw InvalidStateError") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = new_future<int>();
    CHECK_FALSE(future.done());
    CHECK_THROWS_AS(future.result(), aio::InvalidStateError);
    CHECK_THROWS_AS(future.exception(), aio::InvalidStateError);
    co_return;
  });
}

TEST_CASE("[T19] a future is set once") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = new_future<int>();
    future.set_result(1);
    CHECK(future.done());
    CHECK_THROWS_AS(future.set_result(2), aio::InvalidStateError);
    CHECK_THROWS_AS(future.set_exception(std::runtime_error("late")), aio::InvalidStateError);
    CHECK(future.result() == 1);
    CHECK(future.exception() == nullptr);

    const auto failed = new_future<int>();
    failed.set_exception(std::runtime_error("first"));
    CHECK_THROWS_AS(failed.set_result(2), aio::InvalidStateError);
    CHECK_THROWS_WITH_AS(failed.result(), "first", std::runtime_error);

    const auto cancelled = new_future<int>();
    CHECK(cancelled.cancel());
    CHECK_THROWS_AS(cancelled.set_result(2), aio::InvalidStateError);
    co_return;
  });
}

TEST_CASE("[T19] cancel of a done future is false and changes nothing") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = new_future<int>();
    future.set_result(1);
    CHECK_FALSE(future.cancel());
    CHECK_FALSE(future.cancelled());
    CHECK(future.result() == 1);

    const auto cancelled = new_future<int>();
    CHECK(cancelled.cancel("why"));
    CHECK_FALSE(cancelled.cancel("again"));
    CHECK(cancelled.cancelled());
    CHECK(cancelled.done());
    CHECK_THROWS_AS(cancelled.result(), aio::CancelledError);
    CHECK_THROWS_AS(cancelled.exception(), aio::CancelledError);
    co_return;
  });
}

TEST_CASE("[T19] callbacks run through the loop in the order of adding") {
  aio::testing::run([]() -> Coro<void> {
    std::vector<int> called;
    const auto future = new_future<>();
    for (int i = 1; i <= 3; ++i) future.add_done_callback(note(called, i));
    future.set_result();
    CHECK(called.empty());
    future.add_done_callback(note(called, 4));
    CHECK(called.empty());
    co_await turns(1);
    CHECK(called == std::vector{1, 2, 3, 4});
  });
}

TEST_CASE("[T19] remove_done_callback takes back what waits and says how many") {
  aio::testing::run([]() -> Coro<void> {
    std::vector<int> called;
    const auto future = new_future<>();
    const auto first = future.add_done_callback(note(called, 1));
    const auto second = future.add_done_callback(note(called, 2));
    CHECK(future.remove_done_callback(first) == 1);
    CHECK(future.remove_done_callback(first) == 0);
    CHECK(future.remove_done_callback(aio::DoneHandle()) == 0);
    future.set_result();
    CHECK(future.remove_done_callback(second) == 0);  // on its way already, and stays so
    co_await turns(1);
    CHECK(called == std::vector{2});
    CHECK(future.remove_done_callback(second) == 0);
  });
}

TEST_CASE("a callback's handle may outlive its future") {
  aio::testing::run([]() -> Coro<void> {
    std::vector<int> called;
    std::optional<Future<>> future = new_future<>();
    const auto other = new_future<>();
    const auto handle = future->add_done_callback(note(called, 1));
    future.reset();
    CHECK(other.remove_done_callback(handle) == 0);
    other.cancel_done_callback(handle);
    co_await turns(2);
    CHECK(called.empty());
  });
}

TEST_CASE("a future that is dropped undone frees its callbacks and calls none") {
  aio::testing::run([]() -> Coro<void> {
    support::Counts counts;
    bool called = false;
    {
      const auto future = new_future<>();
      const support::Probe probe(counts);
      future.add_done_callback([&called, probe](const AnyFuture&) { called = true; });
    }
    CHECK(counts.alive() == 0);
    co_await turns(2);
    CHECK_FALSE(called);
  });
}

TEST_CASE("a callback keeps a done future alive until it was called and no longer") {
  aio::testing::run([]() -> Coro<void> {
    support::Counts counts;
    aio::DoneHandle handle;
    int value = 0;
    {
      const auto future = new_future<support::Probe>();
      future.set_result(support::Probe(counts, 5));
      handle = future.add_done_callback([&value](const AnyFuture& done) {
        value = Future<support::Probe>(
                    aio::detail::Ref(
                        static_cast<aio::detail::FutureState<support::Probe>&>(*done.state())))
                    .result()
                    .value;
      });
    }
    CHECK(counts.alive() == 1);
    co_await turns(1);
    CHECK(value == 5);
    CHECK(counts.alive() == 0);
  });
}

TEST_CASE("a callback that throws is reported and the others run") {
  aio::testing::run([]() -> Coro<void> {
    Reports reports(aio::get_running_loop());
    std::vector<int> called;
    const auto future = new_future<>();
    future.add_done_callback([](const AnyFuture&) { throw std::runtime_error("oops"); });
    future.add_done_callback(note(called, 2));
    future.set_result();
    co_await turns(1);
    CHECK(called == std::vector{2});
    CHECK(reports.messages == std::vector<std::string>{"Exception in callback"});
  });
}

TEST_CASE("who awaits a done future goes on at once and who awaits a pending one a turn after") {
  aio::testing::run([]() -> Coro<void> {
    aio::EventLoop& loop = aio::get_running_loop();
    const auto future = new_future<int>();
    std::uint64_t set_in = 0;
    loop.call_later(1s, [&] {
      set_in = loop.turn_count();
      future.set_result(1);
    });
    const int first = co_await future;
    CHECK(loop.turn_count() == set_in + 1);
    const int second = co_await future;
    CHECK(loop.turn_count() == set_in + 1);
    CHECK(first + second == 2);
  });
}

TEST_CASE("many tasks may await one future and resume in the order of awaiting") {
  aio::testing::run([]() -> Coro<void> {
    std::vector<int> order;
    const auto future = new_future<int>();
    const auto body = [&](int number) -> Coro<void> {
      const int value = co_await future;
      order.push_back(number * value);
    };
    for (int i = 1; i <= 5; ++i) static_cast<void>(aio::create_task(body, i));
    co_await turns(1);
    future.set_result(10);
    co_await turns(2);
    CHECK(order == std::vector{10, 20, 30, 40, 50});
  });
}

TEST_CASE("[T12] cancelling one of the tasks that await a future cancels it for all") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = new_future<int>();
    const auto one = aio::create_task(outcome_of(Future<int>(future)));
    const auto other = aio::create_task(outcome_of(Future<int>(future)));
    co_await turns(2);
    CHECK(one.cancel("enough"));
    CHECK(future.cancelled());
    const Outcome first = co_await one;
    const Outcome second = co_await other;
    REQUIRE(first.cancelled.has_value());
    REQUIRE(second.cancelled.has_value());
    CHECK(first.cancelled->message() == "enough");
    CHECK(second.cancelled->message() == "enough");
    CHECK(second.cancelled->cancelled_by() == aio::current_task().get_name());
  });
}

TEST_CASE("[T13] awaiting a future of another loop throws RuntimeError inside the task") {
  aio::EventLoop other(aio::testing::virtual_time);
  const auto foreign = other.create_future<int>();
  aio::testing::run([&]() -> Coro<void> {
    const Outcome outcome = co_await outcome_of(Future<int>(foreign));
    CHECK(outcome.threw<aio::RuntimeError>());
  });
  CHECK_FALSE(foreign.done());
}

TEST_CASE("a named future gives a reference to its result and a temporary the result") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = new_future<std::unique_ptr<int>>();
    future.set_result(std::make_unique<int>(3));
    const std::unique_ptr<int>& seen = co_await future;
    CHECK(&seen == &future.result());
    auto handle = future;
    const std::unique_ptr<int> taken = co_await std::move(handle);
    CHECK(*taken == 3);
    CHECK_FALSE(handle);
  });
}

TEST_CASE("[T16] a failure that nobody looked at is reported once") {
  aio::testing::run([]() -> Coro<void> {
    Reports reports(aio::get_running_loop());
    new_future<>().set_exception(std::runtime_error("unseen"));
    CHECK(reports.messages == std::vector<std::string>{"Future exception was never retrieved"});

    for (int way = 0; way < 4; ++way) {
      const auto seen = new_future<>();
      seen.set_exception(std::runtime_error("seen"));
      if (way == 0) CHECK(seen.exception() != nullptr);
      if (way == 1) CHECK_THROWS_AS(seen.result(), std::runtime_error);
      if (way == 2) static_cast<void>(co_await outcome_of(Future<>(seen)));
      if (way == 3) CHECK_FALSE(seen.cancel());
    }
    CHECK(reports.messages.size() == 1);
  });
}

TEST_CASE("a future may be kept after its loop was closed and destroyed") {
  Future<int> pending;
  Future<int> done;
  std::vector<int> called;
  aio::DoneHandle handle;
  {
    aio::EventLoop loop(aio::testing::virtual_time);
    pending = loop.create_future<int>();
    done = loop.create_future<int>();
    done.set_result(7);
    handle = pending.add_done_callback(note(called, 1));
  }
  CHECK(done.result() == 7);
  pending.set_result(8);
  CHECK(pending.result() == 8);
  CHECK(pending.remove_done_callback(handle) == 0);
  CHECK(called.empty());
}

TEST_CASE("handles of one future are equal and an empty one aborts") {
  aio::EventLoop loop(aio::testing::virtual_time);
  const auto future = loop.create_future<int>();
  const auto copy = future;
  CHECK(future == copy);
  CHECK(future != loop.create_future<int>());
  CHECK(&future.get_loop() == &loop);
  CHECK(support::last_words([] {
          static_cast<void>(Future<int>().done());
        }).find("an empty Future was used") != std::string::npos);
}
