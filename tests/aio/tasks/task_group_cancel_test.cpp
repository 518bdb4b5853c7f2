#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/groups.hpp"

// cancel(), which ends a group without an error.

using namespace std::chrono_literals;
using aio::Coro;
using aio::TaskGroup;
using support::clean_up_for;
using support::group_in;
using support::Outcome;
using support::outcome_of;
using support::outcome_of_group;
using support::sleep_an_hour;
using support::swallow_a_cancellation;
using support::texts_of;

TEST_CASE("cancel ends body and children and the scope without an error [P15]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    aio::Task<void> child;
    bool went_on = false;
    co_await aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
      child = group.create_task(clean_up_for(5s));
      co_await aio::sleep(1s);
      group.cancel();
      group.cancel();
      co_await aio::sleep(0);
      went_on = true;
    });
    CHECK_FALSE(went_on);
    CHECK(child.cancelled());
    CHECK(aio::get_running_loop().time() - start == 6s);
    CHECK(aio::current_task().cancelling() == 0);
    co_await aio::sleep(0);
  });
}

TEST_CASE("cancel by a child or by a callback ends the group as well [P15]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    const auto ends_it = [](TaskGroup group) -> Coro<void> {
      co_await aio::sleep(1s);
      group.cancel();
      co_await aio::sleep(1h);
    };
    for (const bool body_waits : {true, false}) {
      co_await aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
        group.create_task(ends_it, group);
        group.create_task(sleep_an_hour());
        if (body_waits) co_await aio::sleep(1h);
      });
    }
    co_await aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
      aio::get_running_loop().call_later(1s, [group] { group.cancel(); });
      co_await aio::sleep(1h);
    });
    CHECK(aio::get_running_loop().time() - start == 3s);
    CHECK(aio::current_task().cancelling() == 0);
    co_await aio::sleep(0);
  });
}

TEST_CASE("cancel before the entry cancels at the entry [P15]") {
  aio::testing::run([]() -> Coro<void> {
    TaskGroup group;
    group.cancel();
    group.cancel();
    bool started = false;
    bool went_on = false;
    co_await aio::with(group, [&](TaskGroup& entered) -> Coro<void> {
      started = true;
      CHECK_THROWS_AS(entered.create_task(sleep_an_hour()), aio::RuntimeError);
      co_await aio::sleep(1h);
      went_on = true;
    });
    CHECK(started);
    CHECK_FALSE(went_on);
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("cancel after the end does nothing [P15]") {
  aio::testing::run([]() -> Coro<void> {
    TaskGroup group;
    co_await aio::with(group, [](TaskGroup&) -> Coro<void> { co_return; });
    group.cancel();
    CHECK(aio::current_task().cancelling() == 0);
    co_await aio::sleep(0);
  });
}

TEST_CASE("a body that never waits leaves no cancellation behind [P15]") {
  aio::testing::run([]() -> Coro<void> {
    bool went_on = false;
    co_await aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
      group.cancel();
      went_on = true;
      co_return;
    });
    CHECK(went_on);
    co_await aio::sleep(0);
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("an error in a cancelled group is thrown as ever [P15]") {
  aio::testing::run([]() -> Coro<void> {
    const Outcome outcome = co_await outcome_of_group([](TaskGroup& group) -> Coro<void> {
      group.cancel();
      throw std::runtime_error("body");
      co_return;
    });
    CHECK(texts_of(group_in(outcome)) == std::vector<std::string>{"body"});
    CHECK(aio::current_task().cancelling() == 0);
    co_await aio::sleep(0);
  });
}

TEST_CASE("a cancellation from outside is not lost in a group that was cancelled [P15]") {
  aio::testing::run([]() -> Coro<void> {
    const auto parent = aio::create_task(aio::with(TaskGroup(), [](TaskGroup& group) -> Coro<void> {
      group.create_task(clean_up_for(10s));
      aio::get_running_loop().call_later(1s, [group] { group.cancel(); });
      co_return;
    }));
    co_await aio::sleep(5s);
    CHECK_FALSE(parent.done());
    parent.cancel("from outside");
    const Outcome outcome = co_await outcome_of(aio::Task<void>(parent));
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "from outside");
  });
}

TEST_CASE("a group ends without an error in a task that refused a cancellation before [P15]") {
  for (const bool body_waits : {true, false}) {
    CAPTURE(body_waits);
    aio::testing::run(
        [](bool waits) -> Coro<void> {
          co_await swallow_a_cancellation();
          co_await aio::with(TaskGroup(), [waits](TaskGroup& group) -> Coro<void> {
            group.create_task(sleep_an_hour());
            group.cancel();
            if (waits) co_await aio::sleep(1h);
          });
          CHECK(aio::current_task().cancelling() == 1);
          co_await aio::sleep(0);
          co_await aio::with(TaskGroup(), [](TaskGroup& group) -> Coro<void> {
            group.cancel();
            co_return;
          });
          CHECK(aio::current_task().cancelling() == 1);
          co_await aio::sleep(0);
        },
        body_waits);
  }
}
