#include "aio/wait.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
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
using Tasks = std::vector<Task<int>>;

namespace {

Coro<int> after(aio::Duration delay, int value) {
  co_await aio::sleep(delay);
  co_return value;
}

Task<int> task_after(aio::Duration delay, int value = 0) {
  return aio::create_task(after(delay, value));
}

aio::Duration elapsed() { return aio::get_running_loop().time().time_since_epoch(); }

template <class A>
concept Waitable = requires(A a) { aio::wait(std::move(a)); };

}  // namespace

TEST_CASE("[W1] only a list of futures can be waited for") {
  static_assert(Waitable<Tasks>);
  static_assert(Waitable<std::vector<Future<int>>>);
  static_assert(Waitable<std::vector<aio::AnyTask>>);
  static_assert(!Waitable<Task<int>>);
  static_assert(!Waitable<Coro<int>>);
  static_assert(!Waitable<std::vector<Coro<int>>>);
}

TEST_CASE("[W1] an empty list or a wrong return_when is a ValueError") {
  aio::testing::run([]() -> Coro<void> {
    const Outcome empty = co_await outcome_of(aio::wait(Tasks()));
    CHECK(empty.threw<aio::ValueError>());
    Tasks tasks{task_after(1s)};
    const Outcome wrong = co_await outcome_of(aio::wait(tasks, static_cast<aio::ReturnWhen>(7)));
    CHECK(wrong.threw<aio::ValueError>());
  });
}

TEST_CASE("wait for a future of another loop is a ValueError") {
  aio::EventLoop other(aio::testing::virtual_time);
  std::vector<Future<int>> foreign{other.create_future<int>()};
  aio::testing::run([&]() -> Coro<void> {
    const Outcome outcome = co_await outcome_of(aio::wait(foreign));
    CHECK(outcome.threw<aio::ValueError>());
  });
}

TEST_CASE("wait returns when all are done and in the order they were given") {
  aio::testing::run([]() -> Coro<void> {
    Tasks tasks{task_after(3s), task_after(1s), task_after(2s)};
    const auto result = co_await aio::wait(tasks);
    CHECK(elapsed() == 3s);
    CHECK(result.done == tasks);
    CHECK(result.pending.empty());
    const auto again = co_await aio::wait(tasks);
    CHECK(again.done == tasks);
    CHECK(elapsed() == 3s);
  });
}

TEST_CASE("[W2] a timeout returns who is done and throws and cancels nothing") {
  aio::testing::run([]() -> Coro<void> {
    Tasks tasks{task_after(1s), task_after(1h), task_after(2s)};
    const auto result = co_await aio::wait(tasks, 5s);
    CHECK(elapsed() == 5s);
    CHECK(result.done == Tasks{tasks[0], tasks[2]});
    CHECK(result.pending == Tasks{tasks[1]});
    CHECK(tasks[1].cancelling() == 0);
    const auto nothing = co_await aio::wait(Tasks(1, tasks[1]), 0s);
    CHECK(nothing.pending.size() == 1);
    CHECK(elapsed() == 5s);
    const auto rest = co_await aio::wait(Tasks(1, tasks[1]), 24h);
    CHECK(rest.done.size() == 1);
    CHECK(elapsed() == 1h);
    CHECK(aio::get_running_loop().state().timers.empty());
  });
}

TEST_CASE("[W3] FIRST_COMPLETED returns at the first and with all that were done in its turn") {
  aio::testing::run([]() -> Coro<void> {
    Tasks tasks{task_after(2s), task_after(1s), task_after(1s)};
    const auto result = co_await aio::wait(tasks, aio::FIRST_COMPLETED);
    CHECK(elapsed() == 1s);
    CHECK(result.done == Tasks{tasks[1], tasks[2]});
    CHECK(result.pending == Tasks{tasks[0]});
    const auto at_once = co_await aio::wait(tasks, aio::FIRST_COMPLETED);
    CHECK(elapsed() == 1s);
    CHECK(at_once.done.size() == 2);
  });
}

TEST_CASE("[W4] FIRST_EXCEPTION ends on a failure and not on a cancellation") {
  aio::testing::run([]() -> Coro<void> {
    Tasks tasks{task_after(1h), aio::create_task(fail_after<int>(3s)), task_after(2s)};
    aio::get_running_loop().call_later(1s, [task = tasks[0]] { task.cancel(); });
    tasks.push_back(task_after(1h));
    const auto result = co_await aio::wait(tasks, aio::FIRST_EXCEPTION);
    CHECK(elapsed() == 3s);
    CHECK(result.done == Tasks{tasks[0], tasks[1], tasks[2]});
    CHECK(result.pending == Tasks{tasks[3]});
    const auto at_once = co_await aio::wait(tasks, aio::FIRST_EXCEPTION);
    CHECK(elapsed() == 3s);
    CHECK(at_once.done.size() == 3);
    CHECK(tasks[1].exception() != nullptr);
  });
}

TEST_CASE("[W4] FIRST_EXCEPTION without one waits for all") {
  aio::testing::run([]() -> Coro<void> {
    Tasks tasks{task_after(1s), task_after(2s)};
    const auto result = co_await aio::wait(tasks, aio::FIRST_EXCEPTION);
    CHECK(elapsed() == 2s);
    CHECK(result.done.size() == 2);
  });
}

TEST_CASE("[W5] cancelling the wait leaves the tasks running") {
  aio::testing::run([]() -> Coro<void> {
    Tasks tasks{task_after(1h, 7)};
    const auto waiter = aio::create_task(outcome_of(aio::wait(tasks, 30min)));
    co_await turns(2);
    waiter.cancel("enough");
    const Outcome outcome = co_await waiter;
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "enough");
    CHECK(tasks[0].cancelling() == 0);
    CHECK(aio::get_running_loop().state().timers.size() == 1);
    const int result = co_await tasks[0];
    CHECK(result == 7);
  });
}

TEST_CASE("[W6] duplicates count once") {
  aio::testing::run([]() -> Coro<void> {
    const auto quick = task_after(1s);
    const auto slow = task_after(1h);
    const Tasks tasks{quick, slow, quick, slow};
    const auto result = co_await aio::wait(tasks, 2s);
    CHECK(result.done == Tasks{quick});
    CHECK(result.pending == Tasks{slow});
  });
}

TEST_CASE("[W6] wait throws no task's failure and does not count as looking at it") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    for (const auto when : {aio::ALL_COMPLETED, aio::FIRST_EXCEPTION}) {
      const Tasks tasks{aio::create_task(fail_after<int>(1s))};
      const auto result = co_await aio::wait(tasks, when);
      CHECK(result.done.size() == 1);
    }
  }());
  CHECK(reports.messages.size() == 2);
}

TEST_CASE("a wait for very many takes no time that grows with their square") {
  aio::testing::run([]() -> Coro<void> {
    std::vector<Future<>> futures;
    for (int i = 0; i < 100'000; ++i) {
      futures.push_back(aio::get_running_loop().create_future());
      if (i % 2 == 0) futures.back().set_result();
    }
    const auto result = co_await aio::wait(futures, 1s);
    CHECK(result.done.size() == 50'000);
    CHECK(result.pending.size() == 50'000);
    CHECK(result.pending.front() == futures[1]);
    CHECK(result.pending.back() == futures.back());
  });
}
