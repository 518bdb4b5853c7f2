#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"
#include "support/groups.hpp"

// Groups whose parent is cancelled from outside: neither it nor an error may be lost.

using namespace std::chrono_literals;
using aio::Coro;
using aio::TaskGroup;
using support::clean_up_for;
using support::fail_after;
using support::group_in;
using support::Outcome;
using support::outcome_of;
using support::outcome_of_group;
using support::sleep_an_hour;
using support::swallow_a_cancellation;
using support::texts_of;
using support::turns;

TEST_CASE("cancelling the parent cancels the children and waits for them and goes on [P6]") {
  for (const bool in_body : {true, false}) {
    CAPTURE(in_body);
    aio::testing::run(
        [](bool wait_in_body) -> Coro<void> {
          const auto start = aio::get_running_loop().time();
          aio::Task<void> child;
          const auto body = [&](TaskGroup& group) -> Coro<void> {
            child = group.create_task(clean_up_for(5s));
            if (wait_in_body) co_await aio::sleep(1h);
          };
          const auto parent = aio::create_task(aio::with(TaskGroup(), body));
          co_await aio::sleep(1s);
          parent.cancel("enough");
          const Outcome outcome = co_await outcome_of(aio::Task<void>(parent));
          REQUIRE(outcome.cancelled.has_value());
          CHECK(outcome.cancelled->message() == "enough");
          CHECK(parent.cancelled());
          CHECK(child.cancelled());
          CHECK(aio::get_running_loop().time() - start == 6s);
          try {
            child.result();
          } catch (const aio::CancelledError& error) {
            CHECK(error.message() == "enough");  // children are told why
          }
        },
        in_body);
  }
}

TEST_CASE("a child that fails as the parent is cancelled makes the group win [P6] [P7]") {
  aio::testing::run([]() -> Coro<void> {
    const auto scope = []() -> Coro<std::string> {
      const auto fails_in_cleanup = []() -> Coro<void> {
        const Outcome outcome = co_await outcome_of(aio::sleep(1h));
        throw std::runtime_error("cleanup");
      };
      const Outcome group = co_await outcome_of_group([&](TaskGroup& g) -> Coro<void> {
        g.create_task(fails_in_cleanup());
        co_await aio::sleep(1h);
      });
      CHECK(texts_of(group_in(group)) == std::vector<std::string>{"cleanup"});
      CHECK(aio::current_task().cancelling() == 1);
      const Outcome next = co_await outcome_of(aio::sleep(1h));
      CHECK(aio::current_task().cancelling() == 1);
      co_return next.cancelled ? next.cancelled->message() : "not cancelled";
    };
    const auto parent = aio::create_task(scope());
    co_await aio::sleep(1s);
    parent.cancel("from outside");
    const std::string next = co_await parent;
    CHECK(next == "from outside");
  });
}

TEST_CASE("a failure and then a cancellation from outside leave one to be delivered [P7]") {
  aio::testing::run([]() -> Coro<void> {
    const auto scope = []() -> Coro<bool> {
      const Outcome group = co_await outcome_of_group([&](TaskGroup& g) -> Coro<void> {
        g.create_task(fail_after(1s, "child"));
        g.create_task(clean_up_for(10s));
        co_await aio::sleep(1h);
      });
      CHECK(texts_of(group_in(group)) == std::vector<std::string>{"child"});
      CHECK(aio::current_task().cancelling() == 1);
      const Outcome next = co_await outcome_of(aio::sleep(1h));
      co_return next.cancelled.has_value();
    };
    const auto parent = aio::create_task(scope());
    co_await aio::sleep(5s);  // the child has failed, another one is cleaning up
    CHECK(parent.cancelling() == 1);
    parent.cancel();
    const bool delivered = co_await parent;
    CHECK(delivered);
  });
}

TEST_CASE("the body's own error and a cancellation from outside are both kept [P5] [P7]") {
  aio::testing::run([]() -> Coro<void> {
    const auto scope = []() -> Coro<bool> {
      const Outcome group = co_await outcome_of_group([&](TaskGroup& g) -> Coro<void> {
        g.create_task(clean_up_for(10s));
        co_await turns(2);
        throw std::runtime_error("body");
      });
      CHECK(texts_of(group_in(group)) == std::vector<std::string>{"body"});
      const Outcome next = co_await outcome_of(aio::sleep(1h));
      co_return next.cancelled.has_value();
    };
    const auto parent = aio::create_task(scope());
    co_await aio::sleep(5s);
    parent.cancel();
    const bool delivered = co_await parent;
    CHECK(delivered);
  });
}

TEST_CASE("repeated cancellations while the scope ends do not cut the wait short [P13]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    aio::Task<void> child;
    const auto parent =
        aio::create_task(aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
          child = group.create_task(clean_up_for(10s));
          co_return;
        }));
    for (int i = 0; i < 5; ++i) {
      co_await aio::sleep(1s);
      parent.cancel("again");
      parent.cancel("and again");
      CHECK_FALSE(parent.done());
    }
    CHECK(parent.cancelling() == 10);
    const Outcome outcome = co_await outcome_of(aio::Task<void>(parent));
    CHECK(outcome.cancelled.has_value());
    CHECK(child.cancelled());
    CHECK(aio::get_running_loop().time() - start == 11s);  // its cleanup was not cancelled again
  });
}

TEST_CASE("a failed group does not bring back a cancellation that was refused before [P4]") {
  aio::testing::run([]() -> Coro<void> {
    co_await swallow_a_cancellation();
    const Outcome outcome = co_await outcome_of_group([](TaskGroup& group) -> Coro<void> {
      group.create_task(fail_after(1s, "child"));
      co_await aio::sleep(1h);
    });
    CHECK(texts_of(group_in(outcome)) == std::vector<std::string>{"child"});
    CHECK(aio::current_task().cancelling() == 1);
    co_await aio::sleep(0);
  });
}

TEST_CASE("a cancellation that was asked for before the entry is delivered inside [P6]") {
  aio::testing::run([]() -> Coro<void> {
    aio::current_task().cancel("before");
    const Outcome outcome = co_await outcome_of_group([](TaskGroup& group) -> Coro<void> {
      group.create_task(sleep_an_hour());
      co_await aio::sleep(1h);
    });
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "before");
    CHECK(aio::current_task().cancelling() == 1);
  });
}

TEST_CASE("a cancellation asked for before the entry outlives an error inside [P7]") {
  aio::testing::run([]() -> Coro<void> {
    aio::current_task().cancel("before");
    const Outcome outcome = co_await outcome_of_group([](TaskGroup&) -> Coro<void> {
      throw std::runtime_error("body");
      co_return;
    });
    CHECK(texts_of(group_in(outcome)) == std::vector<std::string>{"body"});
    CHECK(aio::current_task().cancelling() == 1);
    const Outcome next = co_await outcome_of(aio::sleep(1h));
    CHECK(next.cancelled.has_value());
  });
}
