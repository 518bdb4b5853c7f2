#include <doctest/doctest.h>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
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
using support::Outcome;
using support::outcome_of;
using support::Reports;
using support::sleep_an_hour;
using support::turns;

namespace {

/// Swallows every cancellation and sleeps on, until the hour has passed; how many there were.
Coro<int> refuse() {
  const auto end = aio::get_running_loop().time() + 1h;
  int refused = 0;
  while (aio::get_running_loop().time() < end) {
    try {
      co_await aio::sleep(end - aio::get_running_loop().time());
    } catch (const CancelledError&) {
      ++refused;
    }
  }
  co_return refused;
}

}  // namespace

TEST_CASE("CancelledError is not a std::exception so a catch of those does not swallow it") {
  static_assert(!std::is_base_of_v<std::exception, CancelledError>);
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      try {
        co_await aio::sleep(1h);
      } catch (const std::exception&) {
      }
    };
    const auto task = aio::create_task(body);
    co_await turns(1);
    task.cancel();
    co_await turns(2);
    CHECK(task.cancelled());
  });
}

TEST_CASE("[T3] cancel is true and counts while the task is not done and false after") {
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(refuse());
    co_await turns(1);
    CHECK(task.cancelling() == 0);
    CHECK(task.cancel());
    CHECK(task.cancelling() == 1);
    CHECK(task.cancel());
    CHECK(task.cancelling() == 2);
    co_await turns(2);
    CHECK(task.cancel());
    CHECK(task.cancelling() == 3);
    const int refused = co_await task;
    CHECK(refused == 2);  // the first two were asked for before it could see either
    CHECK_FALSE(task.cancel());
    CHECK(task.cancelling() == 3);
    CHECK(task.result() == 2);
  });
}

TEST_CASE("[T4] a task that is cancelled before its first step never runs its body") {
  aio::testing::run([]() -> Coro<void> {
    bool ran = false;
    const auto body = [&ran]() -> Coro<void> {
      ran = true;
      co_return;
    };
    const auto task = aio::create_task(body());
    CHECK(task.cancel("not needed"));
    CHECK_FALSE(task.done());
    const Outcome outcome = co_await outcome_of(Task<void>(task));
    CHECK(task.cancelled());
    CHECK_FALSE(ran);
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "not needed");
  });
}

TEST_CASE("[T5] cancel cancels the awaited future at once and the task sees it a turn later") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = aio::get_running_loop().create_future<int>();
    bool cleaned = false;
    const auto body = [&]() -> Coro<void> {
      try {
        static_cast<void>(co_await future);
      } catch (const CancelledError&) {
        cleaned = true;
        throw;
      }
    };
    const auto task = aio::create_task(body);
    co_await turns(1);
    CHECK(task.cancel());
    CHECK(future.cancelled());
    CHECK_FALSE(cleaned);
    CHECK_FALSE(task.cancelled());
    CHECK_FALSE(task.done());
    co_await turns(1);
    CHECK(cleaned);
    CHECK(task.cancelled());
  });
}

TEST_CASE(
    "[T5] a task is woken by its future and cancelled in the same turn sees the cancellation") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = aio::get_running_loop().create_future<int>();
    const auto task = aio::create_task(outcome_of(Future<int>(future)));
    co_await turns(1);
    future.set_result(1);
    CHECK(task.cancel());
    const Outcome outcome = co_await task;
    CHECK(outcome.cancelled.has_value());
    CHECK(future.result() == 1);
  });
}

TEST_CASE("[T6] a task that catches the cancellation and returns has a normal result") {
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(outcome_of(aio::sleep(1h)));
    co_await turns(1);
    task.cancel();
    const Outcome outcome = co_await task;
    CHECK(outcome.cancelled.has_value());
    CHECK_FALSE(task.cancelled());
    CHECK(task.cancelling() == 1);
  });
}

TEST_CASE("[T7] a task that catches the cancellation and awaits again is not cancelled again") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<bool> {
      const Outcome first = co_await outcome_of(aio::sleep(1h));
      co_await aio::sleep(1h);
      co_return first.cancelled.has_value();
    };
    const auto task = aio::create_task(body);
    co_await turns(2);
    task.cancel();
    const bool seen = co_await task;
    CHECK(seen);
  });
}

TEST_CASE("[T8] a task that cancels itself is cancelled at its next await") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = [](bool pending) -> Coro<Outcome> {
      aio::current_task().cancel("me");
      if (pending) co_return co_await outcome_of(aio::get_running_loop().create_future<int>());
      co_return co_await outcome_of(aio::sleep(0));
    };
    for (const bool pending : {false, true}) {
      const auto turn = aio::get_running_loop().turn_count();
      const Outcome outcome = co_await aio::create_task(body, pending);
      REQUIRE(outcome.cancelled.has_value());
      CHECK(outcome.cancelled->message() == "me");
      CHECK(aio::get_running_loop().turn_count() <= turn + 3);
    }
  });
}

TEST_CASE("[T8] a task that cancels itself and returns is cancelled and its value dropped") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = [](bool fail) -> Coro<int> {
      aio::current_task().cancel("me");
      if (fail) throw std::runtime_error("instead");
      co_return 1;
    };
    const auto task = aio::create_task(body, false);
    const Outcome outcome = co_await outcome_of(Task<int>(task));
    CHECK(task.cancelled());
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "me");
    const Outcome failed = co_await outcome_of(aio::create_task(body, true));
    CHECK(failed.threw<std::runtime_error>());
  });
}

TEST_CASE("[T9] cancelling a task cancels what it awaits down to the leaf") {
  aio::testing::run([]() -> Coro<void> {
    const auto leaf = aio::create_task(sleep_an_hour());
    const auto awaits = [](Task<void> task) -> Coro<void> { co_await task; };
    const auto middle = aio::create_task(awaits, leaf);
    const auto outer = aio::create_task(awaits, middle);
    co_await turns(3);
    outer.cancel("all of it");
    CHECK(middle.cancelling() == 1);
    CHECK(leaf.cancelling() == 1);
    const Outcome outcome = co_await outcome_of(Task<void>(outer));
    CHECK(leaf.cancelled());
    CHECK(middle.cancelled());
    CHECK(outer.cancelled());
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "all of it");
  });
}

TEST_CASE("[T9] a leaf that refuses keeps its awaiters going") {
  aio::testing::run([]() -> Coro<void> {
    const auto leaf = aio::create_task(refuse());
    const auto outer = aio::create_task(outcome_of(Task<int>(leaf)));
    co_await turns(2);
    CHECK(outer.cancel());
    co_await turns(2);
    CHECK_FALSE(outer.done());
    CHECK(outer.cancel());  // and may be asked again
    const Outcome outcome = co_await outer;
    CHECK(outcome.returned);
    CHECK(leaf.result() == 2);
  });
}

TEST_CASE("[T10] a task that throws something else when cancelled has failed with that") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      try {
        co_await aio::sleep(1h);
      } catch (const CancelledError&) {
        throw std::runtime_error("while cleaning up");
      }
    };
    const auto task = aio::create_task(body);
    co_await turns(1);
    task.cancel();
    const Outcome outcome = co_await outcome_of(Task<void>(task));
    CHECK(outcome.threw<std::runtime_error>());
    CHECK_FALSE(task.cancelled());
  });
}

TEST_CASE("[T10] a failure of a task that was cancelled before is reported all the same") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      const Outcome ignored = co_await outcome_of(aio::sleep(1h));
      static_cast<void>(ignored);
      throw std::runtime_error("later");
    };
    {
      const auto task = aio::create_task(body(), "late");
      co_await turns(2);
      task.cancel();
    }
    co_await turns(3);
  }());
  CHECK(reports.messages == std::vector<std::string>{"Task 'late' exception was never retrieved"});
}

TEST_CASE("[T11] uncancel counts down to zero and revokes a request that was not delivered") {
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(sleep_an_hour());
    CHECK(task.uncancel() == 0);
    task.cancel();
    task.cancel();
    CHECK(task.uncancel() == 1);
    CHECK(task.uncancel() == 0);
    CHECK(task.uncancel() == 0);
    const Outcome outcome = co_await outcome_of(Task<void>(task));
    CHECK(outcome.returned);
  });
}

TEST_CASE("[T11] uncancel short of zero and after delivery does not revoke") {
  aio::testing::run([]() -> Coro<void> {
    const auto counted = aio::create_task(sleep_an_hour());
    counted.cancel();
    counted.cancel();
    CHECK(counted.uncancel() == 1);
    const auto delivered = aio::create_task(sleep_an_hour());
    co_await turns(1);
    delivered.cancel();
    CHECK(delivered.uncancel() == 0);
    co_await turns(2);
    CHECK(counted.cancelled());
    CHECK(delivered.cancelled());
    static_cast<void>(counted.uncancel());
    CHECK(counted.cancelled());
  });
}

TEST_CASE("[T12] the message and who asked reach every awaiter") {
  aio::testing::run([]() -> Coro<void> {
    const auto victim = aio::create_task(sleep_an_hour());
    std::vector<Task<Outcome>> awaiters;
    for (int i = 0; i < 3; ++i) awaiters.push_back(aio::create_task(outcome_of(victim)));
    const auto cancels = [](Task<void> task) -> Coro<void> {
      task.cancel("because");
      co_return;
    };
    co_await turns(2);
    co_await aio::create_task(cancels(victim), "the boss");
    for (const auto& awaiter : awaiters) {
      const Outcome outcome = co_await awaiter;
      REQUIRE(outcome.cancelled.has_value());
      CHECK(outcome.cancelled->message() == "because");
      CHECK(outcome.cancelled->cancelled_by() == "the boss");
    }
    CHECK_THROWS_AS(victim.result(), CancelledError);
    CHECK_THROWS_AS(victim.exception(), CancelledError);
  });
}

TEST_CASE("a task may let its own CancelledError out and is cancelled then") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      throw CancelledError("my own");
      co_return;
    };
    const auto task = aio::create_task(body);
    const Outcome outcome = co_await outcome_of(Task<void>(task));
    CHECK(task.cancelled());
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "my own");
  });
}

TEST_CASE("a chain of thousands of tasks is cancelled to the leaf") {
  aio::testing::run([]() -> Coro<void> {
    const auto awaits = [](Task<void> task) -> Coro<void> { co_await task; };
    const auto leaf = aio::create_task(sleep_an_hour());
    Task<void> last = leaf;
    for (int i = 0; i < 5'000; ++i) last = aio::create_task(awaits, last);
    co_await turns(2);
    last.cancel();
    const Outcome outcome = co_await outcome_of(Task<void>(last));
    CHECK(outcome.cancelled.has_value());
    CHECK(leaf.cancelled());
  });
}
