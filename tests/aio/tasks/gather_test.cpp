#include "aio/gather.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"

using namespace std::chrono_literals;
using aio::Coro;
using aio::Future;
using aio::Task;
using support::fail_after;
using support::Outcome;
using support::outcome_of;
using support::Reports;
using support::turns;

namespace {

template <class T>
Coro<T> after(aio::Duration delay, T value) {
  co_await aio::sleep(delay);
  co_return value;
}

template <class... A>
concept Gatherable = requires(A&&... a) { aio::gather(std::forward<A>(a)...); };

}  // namespace

TEST_CASE("what cannot be awaited cannot be gathered") {
  static_assert(Gatherable<Coro<int>, Task<int>&, Future<void>, aio::Sleep<void>>);
  static_assert(Gatherable<std::vector<Task<int>>>);
  static_assert(!Gatherable<int>);
  static_assert(!Gatherable<Coro<int>, int>);
  static_assert(!Gatherable<std::vector<int>>);
}

TEST_CASE("gather needs a running loop") {
  CHECK_THROWS_AS(static_cast<void>(aio::gather(after(1s, 1))), aio::RuntimeError);
}

TEST_CASE("[G1] results follow the order of the arguments and not of the ends") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    const auto [a, b, c, d] =
        co_await aio::gather(after(3s, 1), after(2s, std::string("two")), aio::sleep(1s),
                             aio::create_task(after(0s, 4.0)));
    CHECK(a == 1);
    CHECK(b == "two");
    static_assert(std::is_same_v<decltype(c), const std::monostate>);
    CHECK(d == 4.0);
    CHECK(aio::get_running_loop().time() - start == 3s);
  });
}

TEST_CASE("[G1] a vector of awaitables gives a vector or nothing") {
  aio::testing::run([]() -> Coro<void> {
    std::vector<Coro<int>> coros;
    for (int i = 0; i < 10; ++i) coros.push_back(after((10 - i) * 1s, i));
    const std::vector<int> results = co_await aio::gather(std::move(coros));
    CHECK(results == std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    std::vector<aio::Sleep<void>> sleeps;
    sleeps.push_back(aio::sleep(1s));
    static_assert(std::is_same_v<decltype(aio::gather(std::move(sleeps))), Future<void>>);
    co_await aio::gather(std::move(sleeps));
  });
}

TEST_CASE("gathered coroutines start in the order of the arguments") {
  aio::testing::run([]() -> Coro<void> {
    std::string order;
    const auto body = [&order](char name) -> Coro<void> {
      order += name;
      co_return;
    };
    co_await aio::gather(body('a'), body('b'), body('c'), body('d'));
    CHECK(order == "abcd");
  });
}

TEST_CASE("[G2] gather of nothing is done and empty") {
  aio::testing::run([]() -> Coro<void> {
    const auto none = aio::gather();
    CHECK(none.done());
    static_assert(std::is_same_v<decltype(none), const Future<std::tuple<>>>);
    const auto list = aio::gather(std::vector<Task<int>>());
    CHECK(list.done());
    CHECK(list.result().empty());
    co_await aio::gather(std::vector<Task<void>>());
  });
}

TEST_CASE("[G3] the first failure is thrown at once and the others keep running") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    const auto slow = aio::create_task(after(10s, 5));
    const Outcome outcome =
        co_await outcome_of(aio::gather(slow, fail_after(2s, "second"), fail_after(1s, "first")));
    CHECK(outcome.threw<std::runtime_error>());
    CHECK(aio::get_running_loop().time() - start == 1s);
    CHECK_FALSE(slow.done());
    const int result = co_await slow;
    CHECK(result == 5);
  });
}

TEST_CASE("[G3] later failures of the others count as retrieved even when the gather is gone") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto try_it = []() -> Coro<void> {
      co_await aio::gather(fail_after(1s, "first"), fail_after(2s, "second"),
                           fail_after(1s, "same turn"));
    };
    const Outcome outcome = co_await outcome_of(try_it());
    CHECK(outcome.threw<std::runtime_error>());
    const auto kept = aio::gather(fail_after(1s, "first"), fail_after(2s, "second"));
    const Outcome second =
        co_await outcome_of(Future<std::tuple<std::monostate, std::monostate>>(kept));
    CHECK(second.threw<std::runtime_error>());
    co_await aio::sleep(10s);
  }());
  CHECK(reports.messages.empty());
}

TEST_CASE(
    "a gather that is dropped leaves its children running and their failures seen by nobody") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto child = aio::create_task(after(2s, 1));
    const auto failing = [](auto) -> Coro<void> { co_await fail_after(1s, "unseen"); };
    static_cast<void>(aio::gather(child, aio::create_task(failing(0), "child")));
    co_await aio::sleep(5s);
    CHECK(child.result() == 1);
  }());
  CHECK(reports.messages == std::vector<std::string>{"Task 'child' exception was never retrieved"});
}

TEST_CASE("[G5] a cancelled child makes gather throw CancelledError and not be cancelled") {
  aio::testing::run([]() -> Coro<void> {
    const auto child = aio::create_task(after(1h, 1));
    const auto other = aio::create_task(after(1s, 2));
    const auto both = aio::gather(child, other);
    co_await turns(2);
    child.cancel("only this one");
    const Outcome outcome = co_await outcome_of(Future<std::tuple<int, int>>(both));
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "only this one");
    CHECK_FALSE(both.cancelled());
    CHECK(both.done());
    CHECK_FALSE(other.done());
    const int result = co_await other;
    CHECK(result == 2);
  });
}

TEST_CASE("[G6] cancelling gather cancels all children that are not done") {
  aio::testing::run([]() -> Coro<void> {
    const auto done = aio::create_task(after(0s, 0));
    const auto one = aio::create_task(after(1h, 1));
    const auto two = aio::create_task(after(1h, 2));
    co_await done;
    const auto all = aio::gather(done, one, two);
    CHECK(all.cancel("stop"));
    CHECK_FALSE(all.done());
    const Outcome outcome = co_await outcome_of(Future<std::tuple<int, int, int>>(all));
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "stop");
    co_await turns(2);
    CHECK(one.cancelled());
    CHECK(two.cancelled());
    CHECK_FALSE(done.cancelled());
  });
}

TEST_CASE("[G6] a cancelled gather throws CancelledError even where its children refuse") {
  aio::testing::run([]() -> Coro<void> {
    const auto child = aio::create_task(outcome_of(aio::sleep(1h)));
    const auto all = aio::gather(child);
    co_await turns(2);
    CHECK(all.cancel("stop"));
    const Outcome outcome = co_await outcome_of(Future<std::tuple<Outcome>>(all));
    CHECK_FALSE(child.cancelled());
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "stop");
  });
}

TEST_CASE("[G6] cancelling the task that awaits a gather cancels the children") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto child = aio::create_task(after(1h, 1));
    const auto body = [](Task<int> task) -> Coro<void> {
      co_await aio::gather(task, aio::gather(aio::sleep(1h)));
    };
    const auto waiter = aio::create_task(body, child);
    co_await turns(2);
    waiter.cancel();
    co_await turns(1);
    waiter.cancel();  // while the gather is on its way to it
    co_await turns(4);
    CHECK(waiter.cancelled());
    CHECK(child.cancelled());
    CHECK(aio::all_tasks().size() == 1);
  }());
  CHECK(reports.messages.empty());
}

TEST_CASE("[G7] cancel after all children finished is false and keeps the result") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = aio::get_running_loop().create_future<int>();
    const auto all = aio::gather(future);
    future.set_result(3);
    CHECK_FALSE(all.done());
    CHECK_FALSE(all.cancel());
    const auto [result] = co_await all;
    CHECK(result == 3);
    CHECK_FALSE(all.cancel());
    CHECK(std::get<0>(all.result()) == 3);
  });
}

TEST_CASE("[G8] one awaitable given twice runs once and appears twice") {
  aio::testing::run([]() -> Coro<void> {
    int runs = 0;
    const auto body = [&runs]() -> Coro<int> {
      co_await aio::sleep(1s);
      co_return ++runs;
    };
    const auto task = aio::create_task(body);
    const auto [first, second] = co_await aio::gather(task, task);
    CHECK(first == 1);
    CHECK(second == 1);
    const std::vector<Task<int>> twice{task, task};
    const std::vector<int> list = co_await aio::gather(twice);
    CHECK(list == std::vector{1, 1});
  });
}

TEST_CASE("[G9] a future of another loop is a ValueError") {
  aio::EventLoop other(aio::testing::virtual_time);
  const auto foreign = other.create_future<int>();
  aio::testing::run([&]() -> Coro<void> {
    const auto own = aio::get_running_loop().create_future<int>();
    CHECK_THROWS_AS(static_cast<void>(aio::gather(own, foreign)), aio::ValueError);
    CHECK_THROWS_AS(static_cast<void>(aio::gather(std::vector<Future<int>>{foreign})),
                    aio::ValueError);
    co_return;
  });
}

TEST_CASE("a result that cannot be copied although it should makes the gather fail") {
  struct Uncopied {
    Uncopied() = default;
    Uncopied(const Uncopied&) { throw std::runtime_error("not copied"); }
    Uncopied(Uncopied&&) = default;
  };
  aio::testing::run([]() -> Coro<void> {
    const auto make = []() -> Coro<Uncopied> { co_return Uncopied(); };
    const Outcome outcome = co_await outcome_of(aio::gather(make(), aio::sleep(1s)));
    CHECK(outcome.threw<std::runtime_error>());
  });
}

TEST_CASE("a gather of gathers gives tuples of tuples") {
  aio::testing::run([]() -> Coro<void> {
    const auto [pair, last] =
        co_await aio::gather(aio::gather(after(1s, 1), after(2s, 2)), after(1s, 3));
    CHECK(pair == std::tuple(1, 2));
    CHECK(last == 3);
  });
}
