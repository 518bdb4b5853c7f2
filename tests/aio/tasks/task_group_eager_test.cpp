#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/groups.hpp"

using namespace std::chrono_literals;
using aio::Coro;
using aio::TaskGroup;
using aio::TaskOptions;
using support::group_in;
using support::Outcome;
using support::outcome_of_group;
using support::texts_of;

namespace {

Coro<int> after(aio::Duration delay, int value) {
  co_await aio::sleep(delay);
  co_return value;
}

Coro<void> fail_at_once(const char* what) {
  throw std::runtime_error(what);
  co_return;
}

}  // namespace

TEST_CASE("a child that fails in its eager first step ends the group by way of the loop [P14]") {
  aio::testing::run([]() -> Coro<void> {
    aio::Task<int> before;
    aio::Task<int> after_it;
    bool went_on = false;
    const Outcome outcome = co_await outcome_of_group([&](TaskGroup& group) -> Coro<void> {
      before = group.create_task(after(1h, 1));
      const auto failed = group.create_task(fail_at_once("eager"), TaskOptions().eager_start());
      CHECK(failed.done());
      CHECK(aio::current_task().cancelling() == 0);
      after_it = group.create_task(after(1h, 2));  // the group is not ending yet
      went_on = true;
      co_await aio::sleep(1h);
    });
    CHECK(went_on);
    CHECK(texts_of(group_in(outcome)) == std::vector<std::string>{"eager"});
    CHECK(before.cancelled());
    CHECK(after_it.cancelled());
    CHECK(aio::current_task().cancelling() == 0);
    co_await aio::sleep(0);  // nothing has leaked out
  });
}

TEST_CASE("an eager failure is not lost where the body never waits [P14]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  loop.set_task_factory(aio::eager_task_factory);
  loop.run_until_complete([]() -> Coro<void> {
    aio::Task<int> sibling;
    const Outcome outcome = co_await outcome_of_group([&](TaskGroup& group) -> Coro<void> {
      group.create_task(fail_at_once("first"));
      group.create_task(fail_at_once("second"));
      sibling = group.create_task(after(1h, 1));
      co_return;
    });
    CHECK(texts_of(group_in(outcome)) == std::vector<std::string>{"first", "second"});
    CHECK(sibling.cancelled());
    CHECK(aio::current_task().cancelling() == 0);
    co_await aio::sleep(0);
  }());
}

TEST_CASE("eager children end and results are there as ever [P1]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  loop.set_task_factory(aio::eager_task_factory);
  loop.run_until_complete([]() -> Coro<void> {
    aio::Task<int> at_once;
    co_await aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
      const auto body = []() -> Coro<int> { co_return 7; };
      at_once = group.create_task(TaskOptions("quick"), body);
      CHECK(at_once.done());
      CHECK(at_once.get_name() == "quick");
      group.create_task(after(1s, 1));
      co_return;
    });
    CHECK(at_once.result() == 7);
  }());
}

TEST_CASE("an eager child that cancels its group in its first step is cancelled with it [P15]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    const auto ends_it = [](TaskGroup group) -> Coro<void> {
      group.cancel();
      co_await aio::sleep(1h);
    };
    co_await aio::with(TaskGroup(), [&](TaskGroup& group) -> Coro<void> {
      group.create_task(TaskOptions().eager_start(), ends_it, group);
      co_await aio::sleep(1h);
    });
    CHECK(aio::get_running_loop().time() == start);
  });
}
