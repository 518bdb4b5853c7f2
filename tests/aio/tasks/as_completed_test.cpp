#include "aio/as_completed.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using aio::Future;
using aio::Task;
using aio::TimeoutError;
using support::now;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

/// Tasks that sleep for so many seconds and return that.
std::vector<Task<int>> sleepers(const std::vector<int>& seconds) {
  std::vector<Task<int>> tasks;
  for (const int second : seconds) {
    tasks.push_back(aio::create_task(aio::sleep(std::chrono::seconds(second), second)));
  }
  return tasks;
}

}  // namespace

TEST_CASE("next gives the very tasks that were passed in as they end [A1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto tasks = sleepers({3, 1, 2});
    std::vector<Task<int>> order;
    auto finished = aio::as_completed(tasks);
    const auto start = now();
    while (auto task = co_await finished.next()) {
      CHECK(task.done());
      CHECK(now() == start + std::chrono::seconds(task.result()));
      order.push_back(task);
    }
    CHECK(order == std::vector{tasks[1], tasks[2], tasks[0]});
    const auto none = co_await finished.next();
    CHECK_FALSE(static_cast<bool>(none));
  });
}

TEST_CASE("next gives those that failed or were cancelled too and throws nothing [A1]") {
  aio::testing::run([]() -> Coro<void> {
    aio::EventLoop& loop = aio::get_running_loop();
    const std::vector<Future<int>> futures{loop.create_future<int>(), loop.create_future<int>()};
    auto finished = aio::as_completed(futures);
    futures[1].set_exception(std::out_of_range("its own"));
    futures[0].cancel();
    const auto first = co_await finished.next();
    const auto second = co_await finished.next();
    CHECK(first == futures[1]);
    CHECK(second == futures[0]);
    CHECK_THROWS_AS(first.result(), std::out_of_range);
    CHECK(second.cancelled());
  });
}

TEST_CASE("next gives what was done before and what ended meanwhile in order [A1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto tasks = sleepers({2, 1, 3});
    co_await aio::sleep(1500ms);
    auto finished = aio::as_completed(tasks);
    co_await aio::sleep(1h);
    std::vector<int> order;
    while (const auto task = co_await finished.next()) order.push_back(task.result());
    CHECK(order == std::vector{1, 2, 3});
  });
}

TEST_CASE("next makes tasks of coroutines and they run beside each other [A1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = [](int seconds) -> Coro<std::unique_ptr<int>> {
      co_await aio::sleep(std::chrono::seconds(seconds));
      co_return std::make_unique<int>(seconds);
    };
    std::vector<Coro<std::unique_ptr<int>>> coros;
    for (const int seconds : {2, 1}) coros.push_back(body(seconds));
    auto finished = aio::as_completed(std::move(coros));
    const auto start = now();
    Task<std::unique_ptr<int>> first = co_await finished.next();
    const std::unique_ptr<int> one = co_await std::move(first);
    CHECK(*one == 1);
    const auto second = co_await finished.next();
    CHECK(*second.result() == 2);
    CHECK(now() == start + 2s);
  });
}

TEST_CASE("an empty list has ended at once [A1 A4]") {
  aio::testing::run([]() -> Coro<void> {
    auto finished = aio::as_completed(std::vector<Task<int>>(), 1s);
    const auto none = co_await finished.next();
    CHECK_FALSE(static_cast<bool>(none));
    CHECK(finished.begin() == finished.end());
  });
}

TEST_CASE("when the time is up next throws TimeoutError for each that is left [A2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto tasks = sleepers({1, 5, 6});
    auto finished = aio::as_completed(tasks, 2s);
    const auto start = now();
    const auto first = co_await finished.next();
    CHECK(first == tasks[0]);
    for (int i = 0; i < 2; ++i) {
      const Outcome outcome = co_await outcome_of(finished.next());
      CHECK(outcome.threw<TimeoutError>());
      CHECK(now() == start + 2s);
    }
    const auto none = co_await finished.next();
    CHECK_FALSE(static_cast<bool>(none));
    CHECK_FALSE(tasks[1].done());
    CHECK(tasks[1].cancelling() == 0);
    const int later = co_await tasks[2];
    CHECK(later == 6);
  });
}

TEST_CASE("when the time is up the awaitables of a loop throw TimeoutError [A2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto tasks = sleepers({1, 5, 6});
    std::vector<Outcome> outcomes;
    for (auto next : aio::as_completed(tasks, 2s)) {
      outcomes.push_back(co_await outcome_of(std::move(next)));
    }
    REQUIRE(outcomes.size() == 3);
    CHECK(outcomes[0].returned);
    CHECK(outcomes[1].threw<TimeoutError>());
    CHECK(outcomes[2].threw<TimeoutError>());
    const auto both = co_await aio::gather(tasks);
    CHECK(both == std::vector{1, 5, 6});
  });
}

TEST_CASE("what ended before the time was up is given afterwards too [A2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto tasks = sleepers({1, 5});
    auto finished = aio::as_completed(tasks, 2s);
    co_await aio::sleep(1h);
    const auto first = co_await finished.next();
    CHECK(first == tasks[0]);
    const Outcome outcome = co_await outcome_of(finished.next());
    CHECK(outcome.threw<TimeoutError>());
  });
}

TEST_CASE("several who wait all get TimeoutError when the time is up [A2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto tasks = sleepers({5, 6});
    auto finished = aio::as_completed(tasks, 2s);
    const auto one = aio::create_task(outcome_of(finished.next()));
    const auto other = aio::create_task(outcome_of(finished.next()));
    const Outcome of_one = co_await one;
    const Outcome of_other = co_await other;
    CHECK(of_one.threw<TimeoutError>());
    CHECK(of_other.threw<TimeoutError>());
  });
}

TEST_CASE("a timeout that is not needed leaves no timer behind [A2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = now();
    auto finished = aio::as_completed(sleepers({1, 2}), 1h);
    for (auto next : finished) static_cast<void>(co_await std::move(next));
    CHECK(now() == start + 2s);
    CHECK(aio::get_running_loop().state().timers.empty());
    { const auto dropped = aio::as_completed(sleepers({1}), 1h); }
    co_await aio::sleep(2s);
    CHECK(aio::get_running_loop().state().timers.empty());
  });
}

TEST_CASE("an iteration that is broken off is resumed where it was [A3]") {
  aio::testing::run([]() -> Coro<void> {
    const auto tasks = sleepers({4, 3, 2, 1});
    auto finished = aio::as_completed(tasks);
    std::vector<int> collected;
    while (const auto task = co_await finished.next()) {
      collected.push_back(task.result());
      if (collected.size() == 2) break;
    }
    co_await aio::sleep(1h);
    while (const auto task = co_await finished.next()) collected.push_back(task.result());
    CHECK(collected == std::vector{1, 2, 3, 4});
  });
}

TEST_CASE("a loop over awaitables that is broken off is resumed where it was [A3]") {
  aio::testing::run([]() -> Coro<void> {
    const auto tasks = sleepers({5, 4, 3, 2, 1});
    auto finished = aio::as_completed(tasks);
    std::vector<int> collected;
    for (auto next : finished) {
      collected.push_back(co_await std::move(next));
      if (collected.size() == 2) break;
    }
    for (auto next : finished) {
      collected.push_back(co_await std::move(next));
      if (collected.size() == 3) break;
    }
    while (const auto task = co_await finished.next()) collected.push_back(task.result());
    CHECK(collected == std::vector{1, 2, 3, 4, 5});
  });
}

TEST_CASE("a next that is cancelled loses nothing [A3]") {
  aio::testing::run([]() -> Coro<void> {
    const auto tasks = sleepers({1, 2});
    auto finished = aio::as_completed(tasks);
    const Outcome late = co_await outcome_of(aio::wait_for(finished.next(), 500ms));
    CHECK(late.threw<TimeoutError>());
    std::vector<int> collected;
    while (const auto task = co_await finished.next()) collected.push_back(task.result());
    CHECK(collected == std::vector{1, 2});
  });
}

TEST_CASE("a next that is cancelled in the turn in which it was given one passes it on [A3]") {
  for (const bool somebody_waits : {true, false}) {
    CAPTURE(somebody_waits);
    aio::testing::run([&]() -> Coro<void> {
      aio::EventLoop& loop = aio::get_running_loop();
      const std::vector<Future<int>> futures{loop.create_future<int>(), loop.create_future<int>()};
      auto finished = aio::as_completed(futures);
      const auto first = aio::create_task(outcome_of(finished.next()));
      Task<Future<int>> second;
      if (somebody_waits) second = aio::create_task(finished.next());
      co_await turns(1);
      futures[1].set_result(1);
      co_await turns(1);  // the callback has woken the first
      first.cancel();
      const Outcome cancelled = co_await first;
      CHECK(cancelled.cancelled.has_value());
      if (!somebody_waits) second = aio::create_task(finished.next());
      const Future<int> given = co_await second;
      CHECK(given == futures[1]);
      futures[0].set_result(0);
      const Future<int> last = co_await finished.next();
      CHECK(last == futures[0]);
      const Future<int> none = co_await finished.next();
      CHECK_FALSE(static_cast<bool>(none));
    });
  }
}

TEST_CASE("the first that is awaited gives the first that ends [A4]") {
  aio::testing::run([]() -> Coro<void> {
    const auto tasks = sleepers({2, 1});
    std::vector<Coro<int>> nexts;
    for (auto next : aio::as_completed(tasks)) nexts.push_back(std::move(next));
    REQUIRE(nexts.size() == 2);
    const auto start = now();
    const int first = co_await std::move(nexts[1]);
    CHECK(first == 1);
    CHECK(now() == start + 1s);
    const int second = co_await std::move(nexts[0]);
    CHECK(second == 2);
    CHECK(now() == start + 2s);
  });
}

TEST_CASE("the awaitables of a loop can be awaited side by side and in turn [A4]") {
  aio::testing::run([]() -> Coro<void> {
    std::vector<Coro<int>> nexts;
    for (auto next : aio::as_completed(sleepers({3, 2, 1}))) nexts.push_back(std::move(next));
    const auto results = co_await aio::gather(std::move(nexts));
    CHECK(results == std::vector{1, 2, 3});
  });
}

TEST_CASE("the n-th awaitable gives the n-th that ends with its failure if it failed [A4]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = [](int seconds) -> Coro<int> {
      co_await aio::sleep(std::chrono::seconds(seconds));
      if (seconds == 2) throw std::out_of_range("its own");
      if (seconds == 3) throw CancelledError("its own");
      co_return seconds;
    };
    std::vector<Coro<int>> coros;
    for (const int seconds : {4, 3, 2, 1}) coros.push_back(body(seconds));
    std::vector<Outcome> outcomes;
    for (auto next : aio::as_completed(std::move(coros))) {
      outcomes.push_back(co_await outcome_of(std::move(next)));
    }
    REQUIRE(outcomes.size() == 4);
    CHECK(outcomes[0].returned);
    CHECK(outcomes[1].threw<std::out_of_range>());
    CHECK(outcomes[2].cancelled.has_value());
    CHECK(outcomes[3].returned);
    int count = 0;
    std::vector<Task<void>> nothing{aio::create_task(turns(1)), aio::create_task(turns(2))};
    for (auto next : aio::as_completed(nothing)) {
      co_await std::move(next);
      CHECK(nothing[static_cast<std::size_t>(count++)].done());
    }
    CHECK(count == 2);
  });
}

TEST_CASE("a future that is given twice counts once [A4]") {
  aio::testing::run([]() -> Coro<void> {
    auto tasks = sleepers({2, 1});
    tasks.push_back(tasks[0]);
    std::vector<int> results;
    for (auto next : aio::as_completed(tasks)) results.push_back(co_await std::move(next));
    CHECK(results == std::vector{1, 2});
    int count = 0;
    auto finished = aio::as_completed(tasks);
    while (const auto task = co_await finished.next()) ++count;
    CHECK(count == 2);
  });
}

TEST_CASE("as_completed needs a running loop and futures of it") {
  CHECK_THROWS_AS(static_cast<void>(aio::as_completed(std::vector<Future<int>>())),
                  aio::RuntimeError);
  aio::EventLoop other(aio::testing::virtual_time);
  std::vector<Future<int>> futures{other.create_future<int>()};
  aio::testing::run([&]() -> Coro<void> {
    CHECK_THROWS_AS(static_cast<void>(aio::as_completed(futures)), aio::ValueError);
    co_return;
  });
}
