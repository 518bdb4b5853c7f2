#include "aio/task_group.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"
#include "support/groups.hpp"
#include "support/probe.hpp"

using namespace std::chrono_literals;
using aio::Coro;
using aio::TaskGroup;
using support::fail_after;
using support::group_in;
using support::Outcome;
using support::outcome_of;
using support::outcome_of_group;
using support::Reports;
using support::texts_of;
using support::turns;

namespace {

Coro<int> after(aio::Duration delay, int value) {
  co_await aio::sleep(delay);
  co_return value;
}

}  // namespace

// --- Waiting

TEST_CASE("the scope ends once all children have ended and their results can be read [P1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    aio::Task<int> one;
    aio::Task<int> other;
    co_await aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
      one = group.create_task(after(2s, 1), "one");
      other = group.create_task(after, 3s, 2);
      co_return;
    });
    CHECK(aio::get_running_loop().time() - start == 3s);
    CHECK(one.result() == 1);
    CHECK(other.result() == 2);
    CHECK(one.get_name() == "one");
  });
}

TEST_CASE("a group without children ends with its body [P1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto turn = aio::get_running_loop().turn_count();
    co_await aio::with(TaskGroup(), [](TaskGroup&) -> Coro<void> { co_return; });
    CHECK(aio::get_running_loop().turn_count() == turn);
  });
}

TEST_CASE("children may be added by children and while the scope is ending [P2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    int ended = 0;
    const auto leaf = [](int& count) -> Coro<void> {
      co_await aio::sleep(2s);
      ++count;
    };
    const auto parent = [leaf](TaskGroup group, int& count) -> Coro<void> {
      co_await aio::sleep(1s);  // the body has ended
      group.create_task(leaf, std::ref(count));
      group.create_task(leaf(count));
      ++count;
    };
    co_await aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
      group.create_task(parent, group, std::ref(ended));
      co_return;
    });
    CHECK(ended == 3);
    CHECK(aio::get_running_loop().time() - start == 3s);
  });
}

TEST_CASE("a child that is cancelled by hand disturbs nobody [P3]") {
  aio::testing::run([]() -> Coro<void> {
    aio::Task<int> cancelled;
    aio::Task<int> other;
    bool body_ended = false;
    co_await aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
      cancelled = group.create_task(after(1h, 1));
      other = group.create_task(after(2s, 2));
      co_await aio::sleep(1s);
      cancelled.cancel();
      co_await aio::sleep(3s);
      body_ended = true;
    });
    CHECK(cancelled.cancelled());
    CHECK(other.result() == 2);
    CHECK(body_ended);
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("a child that ends with an exception derived from CancelledError is cancelled [P3]") {
  struct Stopped : aio::CancelledError {};
  aio::testing::run([]() -> Coro<void> {
    aio::Task<void> child;
    co_await aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
      const auto body = []() -> Coro<void> {
        throw Stopped();
        co_return;
      };
      child = group.create_task(body);
      co_await aio::sleep(1s);
    });
    CHECK(child.cancelled());
  });
}

TEST_CASE("a finished child is freed while the others go on [P12]") {
  aio::testing::run([]() -> Coro<void> {
    support::Counts counts;
    const auto make = [](support::Counts& c) -> Coro<support::Probe> {
      co_return support::Probe(c);
    };
    co_await aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
      group.create_task(aio::sleep(1h));
      for (int i = 0; i < 3; ++i) static_cast<void>(group.create_task(make(counts)));
      co_await turns(3);
      CHECK(counts.made == 3);
      CHECK(counts.alive() == 0);
    });
  });
}

// --- Where no child can be made

TEST_CASE("create_task before the entry is a RuntimeError and the coroutine never runs [P9]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    bool ran = false;
    const auto body = [&ran]() -> Coro<void> {
      ran = true;
      co_return;
    };
    const TaskGroup group;
    CHECK_THROWS_WITH_AS(group.create_task(body()), "TaskGroup <TaskGroup> has not been entered",
                         aio::RuntimeError);
    CHECK_THROWS_AS(group.create_task(body), aio::RuntimeError);
    CHECK(aio::all_tasks().size() == 1);
    co_await turns(3);
    CHECK_FALSE(ran);
  }());
  CHECK(reports.messages.empty());
}

TEST_CASE("create_task after the end is a RuntimeError and the coroutine never runs [P9]") {
  aio::testing::run([]() -> Coro<void> {
    bool ran = false;
    const auto body = [&ran]() -> Coro<void> {
      ran = true;
      co_return;
    };
    TaskGroup group;
    co_await aio::with(group, [](TaskGroup&) -> Coro<void> { co_return; });
    CHECK_THROWS_WITH_AS(group.create_task(body()), "TaskGroup <TaskGroup entered> is finished",
                         aio::RuntimeError);
    co_await turns(3);
    CHECK_FALSE(ran);
  });
}

TEST_CASE("create_task in a group that is ending for a failure is a RuntimeError [P9]") {
  aio::testing::run([]() -> Coro<void> {
    bool ran = false;
    const auto body = [&ran]() -> Coro<void> {
      ran = true;
      co_return;
    };
    std::string refusal;
    const auto last_wish = [&](TaskGroup group) -> Coro<void> {
      const Outcome outcome = co_await outcome_of(aio::sleep(1h));
      try {
        group.create_task(body());
      } catch (const aio::RuntimeError& error) {
        refusal = error.what();
      }
    };
    const Outcome outcome = co_await outcome_of_group([&](TaskGroup& group) -> Coro<void> {
      group.create_task(last_wish, group);
      group.create_task(fail_after(1s, "failed"));
      co_return;
    });
    CHECK(texts_of(group_in(outcome)) == std::vector<std::string>{"failed"});
    CHECK(refusal == "TaskGroup <TaskGroup tasks=1 errors=1 cancelling> is shutting down");
    CHECK_FALSE(ran);
  });
}

TEST_CASE("a group is entered once [P10]") {
  aio::testing::run([]() -> Coro<void> {
    TaskGroup group;
    const auto again = [](TaskGroup& entered) -> Coro<void> {
      bool ran = false;
      const Outcome outcome =
          co_await outcome_of(aio::with(entered, [&ran](TaskGroup&) -> Coro<void> {
            ran = true;
            co_return;
          }));
      CHECK(outcome.threw<aio::RuntimeError>());
      CHECK_FALSE(ran);
    };
    co_await aio::with(group, again);
    co_await again(group);
  });
}

TEST_CASE("a group cannot be entered or left or used outside of a task [P10]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  const TaskGroup group;
  bool called = false;
  loop.call_soon([&] {
    const auto unawaited = group.enter();  // only a coroutine can await, and runs in a task
    CHECK_THROWS_AS(group.create_task(aio::sleep(0)), aio::RuntimeError);
    called = true;
  });
  const Outcome outcome = loop.run_until_complete(outcome_of(group.exit(nullptr)));
  CHECK(called);
  CHECK(outcome.threw<aio::RuntimeError>());
}
