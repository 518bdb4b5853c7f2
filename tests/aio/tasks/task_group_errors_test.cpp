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
#include "support/loop_test.hpp"

// What a group throws.

using namespace std::chrono_literals;
using aio::Coro;
using aio::ExceptionGroup;
using aio::TaskGroup;
using support::fail_after;
using support::group_in;
using support::Outcome;
using support::outcome_of;
using support::outcome_of_group;
using support::Reports;
using support::sleep_an_hour;
using support::texts_of;

namespace {

/// Fails when it is cancelled, after `time` more.
Coro<void> fail_in_cleanup(aio::Duration time, const char* what) {
  const Outcome outcome = co_await outcome_of(aio::sleep(1h));
  co_await aio::sleep(time);
  throw std::runtime_error(what);
}

}  // namespace

TEST_CASE("a child's exception cancels siblings and body and all errors are in the group [P4]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    aio::Task<void> innocent;
    bool went_on = false;
    const Outcome outcome = co_await outcome_of_group([&](TaskGroup& group) -> Coro<void> {
      group.create_task(fail_in_cleanup(2s, "third"), "slow");
      group.create_task(fail_in_cleanup(1s, "second"), "quick");
      innocent = group.create_task(sleep_an_hour());
      group.create_task(fail_after(1s, "first"), "culprit");
      co_await aio::sleep(1h);
      went_on = true;
    });
    const ExceptionGroup group = group_in(outcome);
    CHECK(group.message() == "unhandled errors in a TaskGroup");
    CHECK(texts_of(group) == std::vector<std::string>{"first", "second", "third"});
    CHECK(group.sources() ==
          std::vector<std::string>{"Task 'culprit'", "Task 'quick'", "Task 'slow'"});
    CHECK(innocent.cancelled());
    CHECK_FALSE(went_on);
    CHECK(aio::current_task().cancelling() == 0);
    CHECK(aio::get_running_loop().time() - start == 3s);
    co_await aio::sleep(0);
  });
}

TEST_CASE("a child's exception while the scope ends cancels the siblings too [P4]") {
  aio::testing::run([]() -> Coro<void> {
    aio::Task<void> innocent;
    const Outcome outcome = co_await outcome_of_group([&](TaskGroup& group) -> Coro<void> {
      innocent = group.create_task(sleep_an_hour());
      group.create_task(fail_after(1s, "late"));
      co_return;
    });
    CHECK(texts_of(group_in(outcome)) == std::vector<std::string>{"late"});
    CHECK(innocent.cancelled());
    CHECK(aio::current_task().cancelling() == 0);
    co_await aio::sleep(0);
  });
}

TEST_CASE("who is cancelled for a sibling's failure is told whose it was [P4]") {
  aio::testing::run([]() -> Coro<void> {
    Outcome seen;
    const auto watch = [](Outcome& result) -> Coro<void> {
      result = co_await outcome_of(aio::sleep(1h));
    };
    const Outcome outcome = co_await outcome_of_group([&](TaskGroup& group) -> Coro<void> {
      group.create_task(watch, std::ref(seen));
      group.create_task(fail_after(1s, "failed"), "culprit");
      co_return;
    });
    REQUIRE(seen.cancelled.has_value());
    CHECK(seen.cancelled->message() == "Task 'culprit' of the same TaskGroup failed");
    CHECK(seen.cancelled->cancelled_by() == "culprit");
  });
}

TEST_CASE("failures in the group count as seen and are not reported [P4]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const Outcome outcome = co_await outcome_of_group([](TaskGroup& group) -> Coro<void> {
      group.create_task(fail_after(1s, "one"));
      group.create_task(fail_after(1s, "other"));
      co_return;
    });
    CHECK(group_in(outcome).exceptions().size() == 2);
  }());
  CHECK(reports.messages.empty());
}

TEST_CASE("an exception of the body cancels the children and is in the group too [P5]") {
  aio::testing::run([]() -> Coro<void> {
    aio::Task<void> child;
    const auto body = [&](TaskGroup& group) -> Coro<void> {
      child = group.create_task(sleep_an_hour());
      group.create_task(fail_in_cleanup(1s, "child"), "child");
      co_await aio::sleep(1s);
      throw std::logic_error("body");
    };
    const auto parent = aio::create_task(aio::with(TaskGroup(), body), "main");
    const Outcome outcome = co_await outcome_of(aio::Task<void>(parent));
    CHECK(texts_of(group_in(outcome)) == std::vector<std::string>{"child", "body"});
    CHECK(group_in(outcome).sources() ==
          std::vector<std::string>{"Task 'child'", "the body in Task 'main'"});
    CHECK(child.cancelled());
    CHECK(parent.cancelling() == 0);
  });
}

TEST_CASE("an exception of the body alone is a group of one [P5]") {
  aio::testing::run([]() -> Coro<void> {
    const Outcome outcome = co_await outcome_of_group([](TaskGroup&) -> Coro<void> {
      throw std::logic_error("body");
      co_return;
    });
    CHECK(texts_of(group_in(outcome)) == std::vector<std::string>{"body"});
    CHECK(outcome.threw<std::exception>());
  });
}

TEST_CASE("an inner group's failure is a group in the outer group [P8]") {
  aio::testing::run([]() -> Coro<void> {
    aio::Task<void> outer_child;
    const Outcome outcome = co_await outcome_of_group([&](TaskGroup& outer) -> Coro<void> {
      outer_child = outer.create_task(sleep_an_hour());
      co_await aio::with(TaskGroup(), [](TaskGroup& inner) -> Coro<void> {
        inner.create_task(fail_after(1s, "inner"));
        co_await aio::sleep(1h);
      });
    });
    const ExceptionGroup group = group_in(outcome);
    REQUIRE(group.exceptions().size() == 1);
    CHECK(texts_of(group_in(group.exceptions()[0])) == std::vector<std::string>{"inner"});
    CHECK(outer_child.cancelled());
    CHECK(aio::current_task().cancelling() == 0);
    co_await aio::sleep(0);
  });
}

TEST_CASE("an outer child's failure cancels the inner group and the outer one is flat [P8]") {
  aio::testing::run([]() -> Coro<void> {
    aio::Task<void> inner_child;
    const Outcome outcome = co_await outcome_of_group([&](TaskGroup& outer) -> Coro<void> {
      outer.create_task(fail_after(1s, "outer"));
      co_await aio::with(TaskGroup(), [&](TaskGroup& inner) -> Coro<void> {
        inner_child = inner.create_task(sleep_an_hour());
        co_await aio::sleep(1h);
      });
    });
    CHECK(texts_of(group_in(outcome)) == std::vector<std::string>{"outer"});
    CHECK(inner_child.cancelled());
    CHECK(aio::current_task().cancelling() == 0);
    co_await aio::sleep(0);
  });
}

TEST_CASE("both failing in one turn leaves a count of 1 between them and 0 at the end [P8]") {
  aio::testing::run([]() -> Coro<void> {
    Outcome inner_outcome;
    unsigned between = 0;
    const Outcome outcome = co_await outcome_of_group([&](TaskGroup& outer) -> Coro<void> {
      const auto body = [&outer](TaskGroup& inner) -> Coro<void> {
        inner.create_task(fail_after(1s, "inner"));
        outer.create_task(fail_after(1s, "outer"));
        co_await aio::sleep(1h);
      };
      inner_outcome = co_await outcome_of(aio::with(TaskGroup(), body));
      between = aio::current_task().cancelling();
      const Outcome next = co_await outcome_of(aio::sleep(1h));
      CHECK(next.cancelled.has_value());
      throw std::logic_error("body");
    });
    CHECK(texts_of(group_in(inner_outcome)) == std::vector<std::string>{"inner"});
    CHECK(between == 1);
    CHECK(texts_of(group_in(outcome)) == std::vector<std::string>{"outer", "body"});
    CHECK(aio::current_task().cancelling() == 0);
    co_await aio::sleep(0);
  });
}

TEST_CASE("what is no std::exception is grouped like the rest [P11]") {
  struct Odd {};
  aio::testing::run([]() -> Coro<void> {
    const auto odd = []() -> Coro<void> {
      co_await aio::sleep(1s);
      throw Odd();
    };
    aio::Task<void> sibling;
    const Outcome outcome = co_await outcome_of_group([&](TaskGroup& group) -> Coro<void> {
      group.create_task(odd());
      sibling = group.create_task(fail_in_cleanup(1s, "sibling"));
      co_await aio::sleep(1h);
    });
    const ExceptionGroup group = group_in(outcome);
    CHECK(texts_of(group) == std::vector<std::string>{"other", "sibling"});
    CHECK(group.subgroup<Odd>()->exceptions().size() == 1);
    const Outcome body = co_await outcome_of_group([](TaskGroup&) -> Coro<void> {
      throw 7;
      co_return;
    });
    CHECK(group_in(body).subgroup<int>()->exceptions().size() == 1);
  });
}

TEST_CASE("a group that nobody catches is reported with all that is in it [P4]") {
  const support::CapturedStderr captured;
  {
    aio::EventLoop loop(aio::testing::virtual_time);
    loop.run_until_complete([]() -> Coro<void> {
      const auto body = [](TaskGroup& group) -> Coro<void> {
        group.create_task(fail_after(1s, "lost"), "loser");
        co_return;
      };
      static_cast<void>(aio::create_task(aio::with(TaskGroup(), body), "careless"));
      co_await aio::sleep(5s);
    }());
  }
  CHECK(captured.text() ==
        "aio: Task 'careless' exception was never retrieved: "
        "unhandled errors in a TaskGroup (1 sub-exception)\n"
        "└─ Task 'loser': lost\n");
}

TEST_CASE("a child that fails after its parent has ended is reported [P4]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto careless = []() -> Coro<void> {
      const TaskGroup group;
      co_await group.enter();
      group.create_task(fail_after(1s, "child"), "orphan");
    };
    co_await aio::create_task(careless);
    co_await aio::sleep(5s);
  }());
  CHECK(
      reports.messages ==
      std::vector<std::string>{"Task 'orphan' failed after the parent of its TaskGroup had ended"});
}
