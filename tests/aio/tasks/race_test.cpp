#include "aio/race.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"
#include "support/probe.hpp"

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

/// Takes `time` to clean up when cancelled, and then counts itself.
Coro<int> clean_up_for(aio::Duration time, int& cleaned) {
  const Outcome outcome = co_await outcome_of(aio::sleep(1h));
  co_await aio::sleep(time);
  ++cleaned;
  throw *outcome.cancelled;
}

template <class... A>
concept Raceable = requires(A&&... a) { aio::race(std::forward<A>(a)...); };

}  // namespace

TEST_CASE("what cannot be awaited cannot be raced") {
  static_assert(Raceable<Coro<int>, Task<int>&, Future<void>, aio::Sleep<void>>);
  static_assert(Raceable<std::vector<Task<int>>>);
  static_assert(!Raceable<Coro<int>, int>);
  static_assert(!Raceable<std::vector<int>>);
}

TEST_CASE("a race gives the place and the value of the first to finish") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    const auto [index, value] = co_await aio::race(after(3s, 1), after(1s, 2), after(2s, 3));
    CHECK(index == 1);
    CHECK(value == 2);
    CHECK(aio::get_running_loop().time() - start == 1s);
  });
}

TEST_CASE("a race of several types gives a variant with an alternative for each") {
  aio::testing::run([]() -> Coro<void> {
    const auto winner = co_await aio::race(after(3s, 1), aio::sleep(2s),
                                           after(1s, std::string("quick")), after(5s, 7));
    static_assert(std::is_same_v<decltype(winner.value),
                                 std::variant<int, std::monostate, std::string, int>>);
    CHECK(winner.index == 2);
    CHECK(std::get<2>(winner.value) == "quick");
    const auto last = co_await aio::race(after(3s, 1), aio::sleep(5s), after(1s, 7));
    CHECK(std::get<2>(last.value) == 7);
  });
}

TEST_CASE("a race of nothing but void says who was first") {
  aio::testing::run([]() -> Coro<void> {
    const auto winner = co_await aio::race(aio::sleep(2s), aio::sleep(1s));
    static_assert(std::is_same_v<decltype(winner.value), std::monostate>);
    CHECK(winner.index == 1);
  });
}

TEST_CASE("a vector is raced and an empty one is a ValueError") {
  aio::testing::run([]() -> Coro<void> {
    std::vector<Coro<int>> coros;
    for (int i = 0; i < 5; ++i) coros.push_back(after((5 - i) * 1s, i));
    const auto [index, value] = co_await aio::race(std::move(coros));
    CHECK(index == 4);
    CHECK(value == 4);
    const Outcome outcome = co_await outcome_of(aio::race(std::vector<Task<int>>()));
    CHECK(outcome.threw<aio::ValueError>());
    CHECK(aio::all_tasks().size() == 1);
  });
}

TEST_CASE("the losers are cancelled and have ended when the race is over") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    int cleaned = 0;
    const auto handed_in = aio::create_task(clean_up_for(2s, cleaned));
    const auto future = aio::get_running_loop().create_future<int>();
    const auto [index, value] =
        co_await aio::race(clean_up_for(5s, cleaned), handed_in, after(1s, 3), future);
    CHECK(index == 2);
    CHECK(value == 3);
    CHECK(cleaned == 2);
    CHECK(handed_in.cancelled());
    CHECK(future.cancelled());
    CHECK(aio::get_running_loop().time() - start == 6s);
    CHECK(aio::all_tasks().size() == 1);
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("a loser that refuses to be cancelled is waited for and its value is dropped") {
  aio::testing::run([]() -> Coro<void> {
    const auto refuse = []() -> Coro<int> {
      const Outcome outcome = co_await outcome_of(aio::sleep(1h));
      co_await aio::sleep(1h);
      co_return 9;
    };
    const auto start = aio::get_running_loop().time();
    const auto winner = co_await aio::race(refuse(), after(1s, 3));
    CHECK(winner.value == 3);
    CHECK(aio::get_running_loop().time() - start == 1s + 1h);
  });
}

TEST_CASE("an error of the first to finish is thrown once the others have ended") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    int cleaned = 0;
    const Outcome outcome =
        co_await outcome_of(aio::race(clean_up_for(5s, cleaned), fail_after<int>(1s, "first")));
    CHECK(outcome.threw<std::runtime_error>());
    CHECK(cleaned == 1);
    CHECK(aio::get_running_loop().time() - start == 6s);
  });
}

TEST_CASE("a first one that was cancelled by hand makes the race throw CancelledError") {
  aio::testing::run([]() -> Coro<void> {
    const auto victim = aio::create_task(after(1h, 1));
    aio::get_running_loop().call_later(1s, [victim] { victim.cancel("by hand"); });
    const Outcome outcome = co_await outcome_of(aio::race(victim, after(1h, 2)));
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "by hand");
    CHECK(aio::current_task().cancelling() == 0);
    CHECK(aio::all_tasks().size() == 1);
  });
}

TEST_CASE("errors of the losers are reported by name and do not spoil the race") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto fails = []() -> Coro<int> {
      const Outcome outcome = co_await outcome_of(aio::sleep(1h));
      throw std::runtime_error("cleanup");
    };
    auto first = aio::create_task(after(1s, 3));
    auto clumsy = aio::create_task(fails(), "clumsy");
    auto second = aio::create_task(fail_after<int>(1s, "same turn"), "close second");
    const auto winner = co_await aio::race(std::move(clumsy), std::move(first), std::move(second));
    CHECK(winner.value == 3);
    const auto looked_at = aio::create_task(fails(), "looked at");
    const auto other = co_await aio::race(looked_at, after(1s, 4));
    CHECK(other.value == 4);
    CHECK(looked_at.exception() != nullptr);
  }());
  CHECK(reports.messages ==
        std::vector<std::string>{"Task 'clumsy' exception was never retrieved",
                                 "Task 'close second' exception was never retrieved"});
}

TEST_CASE("cancelling a race cancels all and waits for them however often") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    int cleaned = 0;
    const auto task =
        aio::create_task(aio::race(clean_up_for(5s, cleaned), clean_up_for(9s, cleaned)));
    co_await aio::sleep(1s);
    task.cancel("enough");
    const Outcome outcome = co_await outcome_of(Task<aio::Winner<int>>(task));
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "enough");
    CHECK(task.cancelled());
    CHECK(cleaned == 2);
    CHECK(aio::get_running_loop().time() - start == 10s);
    CHECK(aio::all_tasks().size() == 1);
  });
}

TEST_CASE("a second cancellation reaches those that are cleaning up") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    int cleaned = 0;
    const auto task = aio::create_task(aio::race(clean_up_for(1h, cleaned), aio::sleep(1h)));
    co_await aio::sleep(1s);
    task.cancel("first");
    co_await aio::sleep(1s);
    CHECK_FALSE(task.done());
    task.cancel("second");
    co_await turns(4);
    CHECK(task.cancelled());
    CHECK(cleaned == 0);
    CHECK(aio::get_running_loop().time() - start == 2s);
  });
}

TEST_CASE("a cancellation while the losers end is not lost and the winner's error is reported") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    int cleaned = 0;
    const auto task =
        aio::create_task(aio::race(aio::create_task(clean_up_for(9s, cleaned), "loser"),
                                   aio::create_task(fail_after<int>(1s, "first"), "winner")));
    co_await aio::sleep(2s);
    task.cancel();
    const Outcome outcome = co_await outcome_of(Task<aio::Winner<int>>(task));
    CHECK(outcome.cancelled.has_value());
    CHECK(aio::all_tasks().size() == 1);
  }());
  CHECK(reports.messages ==
        std::vector<std::string>{"Task 'winner' exception was never retrieved"});
}

TEST_CASE("a future that is done already wins and the coroutines never start") {
  aio::testing::run([]() -> Coro<void> {
    bool ran = false;
    const auto body = [&ran]() -> Coro<int> {
      ran = true;
      co_return 1;
    };
    const auto future = aio::get_running_loop().create_future<int>();
    future.set_result(5);
    const auto [index, value] = co_await aio::race(body(), future);
    CHECK(index == 1);
    CHECK(value == 5);
    CHECK_FALSE(ran);
  });
}

TEST_CASE("nothing starts before the race is awaited or where it cannot be run") {
  aio::EventLoop other(aio::testing::virtual_time);
  const auto foreign = other.create_future<int>();
  aio::testing::run([&]() -> Coro<void> {
    bool ran = false;
    const auto body = [&ran]() -> Coro<int> {
      ran = true;
      co_return 1;
    };
    { const auto unawaited = aio::race(body(), body()); }
    const Outcome outcome = co_await outcome_of(aio::race(body(), foreign));
    CHECK(outcome.threw<aio::ValueError>());
    co_await turns(2);
    CHECK_FALSE(ran);
    CHECK(aio::all_tasks().size() == 1);
  });
}

TEST_CASE("the winner's value is moved and nothing is destroyed twice") {
  support::Counts counts;
  aio::testing::run([&]() -> Coro<void> {
    const auto make = [](support::Counts& c, aio::Duration delay) -> Coro<support::MoveOnlyProbe> {
      support::MoveOnlyProbe made(c, 3);
      co_await aio::sleep(delay);
      co_return made;
    };
    const auto winner = co_await aio::race(make(counts, 1s), make(counts, 2s));
    CHECK(winner.value.value == 3);
    CHECK(winner.index == 0);
    const auto mixed = co_await aio::race(make(counts, 1s), aio::sleep(2s));
    CHECK(std::get<0>(mixed.value).value == 3);
  });
  CHECK(counts.alive() == 0);
}

TEST_CASE("eager runners may be done before the race waits") {
  aio::EventLoop loop(aio::testing::virtual_time);
  loop.set_task_factory(aio::eager_task_factory);
  loop.run_until_complete([]() -> Coro<void> {
    const auto at_once = []() -> Coro<int> { co_return 7; };
    const auto [index, value] = co_await aio::race(after(1h, 1), at_once(), after(2h, 2));
    CHECK(index == 1);
    CHECK(value == 7);
    CHECK(aio::all_tasks().size() == 1);
  }());
}
