// TaskGroup.

#include "scenario.hpp"

using namespace conformance;

static Coro<std::string> child(std::string name, int milliseconds, bool fails = false) {
  try {
    co_await aio::sleep(std::chrono::milliseconds(milliseconds));
  } catch (const aio::CancelledError&) {
    trace(name, "cancelled", at());
    throw;
  }
  trace(name, "ends", at());
  if (fails) throw Boom(name);
  co_return name;
}

static Coro<> fail_when_cancelled(std::string name) {
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    trace(name, "fails instead");
    throw Boom(name);
  }
}

static unsigned cancelling() { return aio::current_task().cancelling(); }

/// Runs `body` in a group.
template <class Body>
static Coro<> in_group(Body body) {
  co_await aio::with(aio::TaskGroup(), body);
}

using Group = aio::TaskGroup;

SCENARIO(a_group_waits_for_its_children) {
  std::vector<aio::Task<std::string>> tasks;
  const auto body = [&](Group& group) -> Coro<> {
    tasks.push_back(group.create_task(child("a", 20)));
    tasks.push_back(group.create_task(child("b", 10)));
    trace("body ends", at());
    co_return;
  };
  co_await in_group(body);
  trace("left", std::tuple(tasks[0].result(), tasks[1].result()), at());
}

static Coro<> do_nothing(Group&) { co_return; }

SCENARIO(an_empty_group_takes_no_turn) {
  const auto ticker = aio::create_task(ticks(2));
  co_await in_group(do_nothing);
  trace("left");
  co_await ticker;
}

static Coro<> start_two(Group& group) {
  group.create_task(turns(1));
  group.create_task(turns(2));
  co_return;
}

SCENARIO(a_group_takes_the_turns_that_it_takes) {
  const auto ticker = aio::create_task(ticks(6));
  co_await in_group(start_two);
  trace("left");
  co_await ticker;
}

static Coro<> parent(Group group, std::string name, int depth) {
  trace(name, at());
  co_await aio::sleep(10ms);
  if (depth > 0) group.create_task(parent(group, name + "'", depth - 1));
}

static Coro<> start_parent(Group& group) {
  group.create_task(parent(group, "a", 2));
  trace("body ends");
  co_return;
}

SCENARIO(children_may_add_children) {
  co_await in_group(start_parent);
  trace("left", at());
}

SCENARIO(a_child_cancelled_by_hand_harms_nobody) {
  aio::Task<std::string> first;
  aio::Task<std::string> second;
  const auto body = [&](Group& group) -> Coro<> {
    first = group.create_task(child("a", 10));
    second = group.create_task(child("b", 20));
    co_await aio::sleep(5ms);
    first.cancel();
  };
  co_await in_group(body);
  trace("left", first.cancelled(), second.result(), at());
}

static Coro<> start_three_and_sleep(Group& group) {
  const auto quiet = group.create_task(aio::sleep(30ms));
  group.create_task(child("b", 10, true));
  group.create_task(fail_when_cancelled("c"));
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    trace("body got", std::current_exception(), quiet.done(), at());
    throw;
  }
}

SCENARIO(a_failing_child_cancels_all_others) {
  const std::string result = co_await outcome(in_group(start_three_and_sleep));
  trace(result, cancelling(), at());
  co_await aio::sleep(1ms);
  trace("goes on");
}

static Coro<> start_two_of_which_one_fails(Group& group) {
  group.create_task(child("a", 30));
  group.create_task(child("b", 10, true));
  co_return;
}

SCENARIO(a_child_fails_while_the_group_is_left) {
  const std::string result = co_await outcome(in_group(start_two_of_which_one_fails));
  trace(result, cancelling(), at());
}

static Coro<> start_two_and_fail(Group& group) {
  group.create_task(aio::sleep(30ms));
  group.create_task(fail_when_cancelled("b"));
  co_await turns(1);
  throw Boom("body");
}

SCENARIO(a_failing_body_cancels_the_children) {
  const std::string result = co_await outcome(in_group(start_two_and_fail));
  trace(result, cancelling(), at());
}

static Coro<> start_two_and_sleep(Group& group) {
  group.create_task(child("a", 30));
  group.create_task(aio::sleep(40ms));
  co_await aio::sleep(1s);
}

static Coro<> start_one(Group& group) {
  group.create_task(child("a", 30));
  co_return;
}

static Coro<> start_failing_and_sleep(Group& group) {
  group.create_task(fail_when_cancelled("a"));
  co_await aio::sleep(1s);
}

/// Cancels a task that runs `body` in a group, 10 ms after its start.
template <class Body>
static Coro<> cancel_after_10ms(Body body, std::string message) {
  const auto task = aio::create_task(in_group(body));
  co_await aio::sleep(10ms);
  task.cancel(message);
  const std::string result = co_await outcome(task);
  trace(result, task.cancelled(), at());
}

SCENARIO(a_cancelled_parent_cancels_its_children) {
  co_await cancel_after_10ms(start_two_and_sleep, "because");
}

SCENARIO(a_parent_cancelled_while_it_leaves_cancels_its_children) {
  co_await cancel_after_10ms(start_one, "because");
}

SCENARIO(of_a_cancellation_and_a_failure_the_group_wins) {
  co_await cancel_after_10ms(start_failing_and_sleep, "");
}

static Coro<> catch_the_group_and_await() {
  try {
    co_await in_group(start_failing_and_sleep);
  } catch (...) {
    trace("got", std::current_exception(), cancelling());
  }
  co_await aio::sleep(0);
  trace("never");
}

SCENARIO(a_cancellation_beside_a_failure_is_not_lost) {
  const auto task = aio::create_task(catch_the_group_and_await());
  co_await aio::sleep(10ms);
  task.cancel();
  const std::string result = co_await outcome(task);
  trace(result, at());
}

static Coro<> start_inner_that_fails(Group& group) {
  group.create_task(child("inner", 10, true));
  co_return;
}

static Coro<> start_inner(Group& group) {
  group.create_task(child("inner", 30));
  co_return;
}

static Coro<> start_outer_and_inner_that_fails(Group& group) {
  group.create_task(child("outer", 30));
  co_await in_group(start_inner_that_fails);
}

static Coro<> start_outer_that_fails_and_inner(Group& group) {
  group.create_task(child("outer", 10, true));
  co_await in_group(start_inner);
}

SCENARIO(an_inner_failure_is_a_group_in_a_group) {
  const std::string result = co_await outcome(in_group(start_outer_and_inner_that_fails));
  trace(result, cancelling(), at());
}

SCENARIO(an_outer_failure_cancels_the_inner_group) {
  const std::string result = co_await outcome(in_group(start_outer_that_fails_and_inner));
  trace(result, cancelling(), at());
}

static void add(const Group& group) {
  try {
    group.create_task(child("never", 0));
    trace("added");
  } catch (const aio::RuntimeError&) {
    trace(std::current_exception());
  }
}

static Coro<> add_while_aborting(Group& group) {
  group.create_task(fail("first"));
  try {
    co_await aio::sleep(1s);
  } catch (...) {
    add(group);
    throw;
  }
}

SCENARIO(a_group_takes_no_children_before_or_after) {
  Group group;
  add(group);
  co_await aio::with(group, do_nothing);
  add(group);
  trace(co_await outcome(in_group(add_while_aborting)));
}

static Coro<> say_inside(Group&) {
  trace("inside");
  co_return;
}

SCENARIO(a_group_is_entered_once) {
  Group group;
  for (int i = 0; i < 2; ++i) {
    auto use = aio::with(group, say_inside);
    trace(co_await outcome(std::move(use)));
  }
}

static Coro<> clean_up_stubbornly() {
  try {
    co_await aio::sleep(1s);
    co_return;
  } catch (const aio::CancelledError&) {
    trace("cleaning up", at());
  }
  co_await aio::sleep(10ms);
  trace("cleaned up", at());
}

static Coro<> start_stubborn(Group& group) {
  group.create_task(clean_up_stubbornly());
  co_return;
}

SCENARIO(cancelling_again_while_the_group_is_left) {
  const auto task = aio::create_task(in_group(start_stubborn));
  co_await aio::sleep(10ms);
  task.cancel();
  co_await aio::sleep(5ms);
  task.cancel();
  const std::string result = co_await outcome(task);
  trace(result, task.cancelled(), at());
}

static Coro<> end_early(Group& group) {
  group.create_task(child("a", 30));
  co_await aio::sleep(10ms);
  group.cancel();
  group.cancel();
  co_await aio::sleep(1s);
  trace("never");
}

SCENARIO(a_group_may_be_ended_early) {
  co_await in_group(end_early);
  trace("left", cancelling(), at());
}
