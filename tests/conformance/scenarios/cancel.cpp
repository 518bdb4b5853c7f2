// Cancelling tasks.

#include "scenario.hpp"

using namespace conformance;

static Coro<> sleeper(std::string name, std::chrono::seconds delay = 1s) {
  trace(name, "sleeps");
  try {
    co_await aio::sleep(delay);
    trace(name, "woke", at());
  } catch (const aio::CancelledError&) {
    trace(name, "got", std::current_exception(), at());
    throw;
  }
}

static Coro<> say_cancelling() {
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    trace("cancelling", aio::current_task().cancelling());
    throw;
  }
}

SCENARIO(cancel_is_true_until_the_task_is_done) {
  const auto task = aio::create_task(say_cancelling());
  co_await turns(1);
  const auto before = task.cancelling();
  const bool first = task.cancel();
  const bool second = task.cancel();
  trace(before, first, second, task.cancelling());
  trace("done", task.done(), task.cancelled());
  trace(co_await outcome(task));
  const bool third = task.cancel();
  trace(third, task.cancelling(), task.cancelled());
}

SCENARIO(cancelled_before_its_first_step_a_task_never_runs) {
  const auto task = aio::create_task(sleeper("never"));
  const bool asked = task.cancel();
  trace(asked, task.done());
  co_await turns(1);
  trace("a turn later", task.done(), task.cancelled());
  trace(co_await outcome(task));
}

static Coro<> say_what_came(aio::Future<> future) {
  try {
    co_await future;
  } catch (const aio::CancelledError&) {
    trace("body got", std::current_exception());
    throw;
  }
}

SCENARIO(cancel_reaches_the_awaited_future_at_once) {
  const auto future = aio::get_running_loop().create_future();
  const auto task = aio::create_task(say_what_came(future));
  co_await turns(1);
  task.cancel("because");
  trace("future", future.cancelled(), "task", task.cancelled(), task.done());
  co_await turns(1);
  trace("a turn later", task.cancelled());
  co_await turns(1);
}

SCENARIO(cancel_after_the_future_was_set_still_cancels) {
  const auto future = aio::get_running_loop().create_future<std::string>();
  const auto task = aio::create_task(outcome(future));
  co_await turns(1);
  future.set_result("set");
  const bool asked = task.cancel();
  trace(asked, future.cancelled());
  const std::string result = co_await task;
  trace("body ended with", result);
}

static Coro<std::string> catch_and_return() {
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    co_return "caught";
  }
  co_return "slept";
}

SCENARIO(a_task_may_catch_it_and_return) {
  const auto task = aio::create_task(catch_and_return());
  co_await turns(1);
  task.cancel();
  const std::string result = co_await outcome(task);
  trace(result, task.cancelled(), task.cancelling(), at());
}

static Coro<std::string> sleep_twice() {
  for (const char* name : {"first", "second"}) {
    try {
      co_await aio::sleep(10ms);
      trace(name, "slept", at());
    } catch (const aio::CancelledError&) {
      trace(name, "cancelled", at());
    }
  }
  co_return "end";
}

SCENARIO(a_cancellation_is_thrown_once) {
  const auto task = aio::create_task(sleep_twice());
  co_await aio::sleep(1ms);
  task.cancel();
  const std::string result = co_await outcome(task);
  trace(result, task.cancelling());
}

static Coro<> cancel_oneself_and_await() {
  aio::current_task().cancel("because I can");
  trace("goes on until it awaits");
  co_await aio::sleep(0);
  trace("never");
}

SCENARIO(cancelling_oneself_throws_at_the_next_await) {
  trace(co_await outcome(aio::create_task(cancel_oneself_and_await())));
}

static Coro<std::string> cancel_oneself_and_return() {
  aio::current_task().cancel();
  co_return "dropped";
}

SCENARIO(cancelling_oneself_and_returning_drops_the_value) {
  const auto task = aio::create_task(cancel_oneself_and_return());
  const std::string result = co_await outcome(task);
  trace(result, task.cancelled());
}

static Coro<> link(int depth) {
  try {
    if (depth == 0) {
      co_await aio::sleep(1s);
    } else {
      co_await aio::create_task(link(depth - 1));
    }
  } catch (const aio::CancelledError&) {
    trace("link", depth, "cancelled");
    throw;
  }
}

SCENARIO(cancel_goes_down_to_the_leaf) {
  const auto task = aio::create_task(link(3));
  co_await turns(5);
  task.cancel();
  co_await ticks(6);
  trace(task.cancelled(), at());
}

static Coro<std::string> refuse() {
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    trace("refusing");
  }
  co_return "leaf";
}

static Coro<std::string> await_inner(aio::Task<std::string> inner) {
  const std::string result = co_await inner;
  trace("awaiter has", result);
  co_return "awaiter";
}

SCENARIO(a_leaf_that_refuses_keeps_its_awaiters) {
  const auto inner = aio::create_task(refuse());
  const auto outer = aio::create_task(await_inner(inner));
  co_await turns(2);
  outer.cancel();
  const std::string result = co_await outcome(outer);
  trace(result, outer.cancelling(), inner.cancelling());
}

static Coro<> fail_when_cancelled() {
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    throw Boom("cleanup");
  }
}

SCENARIO(another_failure_takes_the_place_of_the_cancellation) {
  const auto task = aio::create_task(fail_when_cancelled());
  co_await turns(1);
  task.cancel();
  const std::string result = co_await outcome(task);
  trace(result, task.cancelled());
}

static Coro<> uncancel_thrice() {
  const aio::AnyTask me = aio::current_task();
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    const auto before = me.cancelling();
    const auto first = me.uncancel();
    const auto second = me.uncancel();
    trace(before, first, second, me.uncancel());
  }
  co_await aio::sleep(5ms);
  trace("slept", at());
}

SCENARIO(uncancel_counts_down_to_zero) {
  const auto task = aio::create_task(uncancel_thrice());
  co_await turns(1);
  task.cancel();
  task.cancel();
  const std::string result = co_await outcome(task);
  trace(result, task.cancelled());
}

static Coro<> uncancel_before_delivery() {
  const aio::AnyTask me = aio::current_task();
  me.cancel();
  trace(me.uncancel());
  co_await aio::sleep(0);
  trace("not cancelled");
  me.cancel();
  me.cancel();
  trace(me.uncancel());
  co_await aio::sleep(0);
  trace("never");
}

SCENARIO(uncancel_revokes_what_was_not_delivered) {
  trace(co_await outcome(aio::create_task(uncancel_before_delivery())));
}

static Coro<> say_outcome(std::string name, aio::Future<> inner) {
  trace(name, co_await outcome(inner));
}

SCENARIO(the_message_reaches_every_awaiter_of_a_future) {
  const auto future = aio::get_running_loop().create_future();
  std::vector<aio::Task<>> tasks;
  for (const char* name : {"a", "b", "c"}) {
    tasks.push_back(aio::create_task(say_outcome(name, future)));
  }
  co_await turns(2);
  future.cancel("because of me");
  for (const auto& task : tasks) co_await task;
}

static Coro<> say_what_came_up(int depth) {
  if (depth == 0) {
    co_await sleeper("leaf");
    co_return;
  }
  try {
    co_await aio::create_task(say_what_came_up(depth - 1));
  } catch (const aio::CancelledError&) {
    trace("link", depth, "got", std::current_exception());
    throw;
  }
}

SCENARIO(the_message_goes_up_a_chain_of_tasks) {
  const auto task = aio::create_task(say_what_came_up(3));
  co_await turns(5);
  task.cancel("because of me");
  trace(co_await outcome(task));
}

SCENARIO(the_message_reaches_every_awaiter_of_a_task) {
  const auto inner = aio::create_task(sleeper("inner"));
  std::vector<aio::Task<>> tasks;
  for (const char* name : {"a", "b", "c"}) {
    tasks.push_back(aio::create_task(say_outcome(name, inner)));
  }
  co_await turns(2);
  tasks[0].cancel("because of a");
  for (const auto& task : tasks) co_await task;
}

SCENARIO(a_cancelled_sleep_ends_at_once) {
  const auto task = aio::create_task(sleeper("sleeper", 3600s));
  co_await aio::sleep(10ms);
  task.cancel();
  const std::string result = co_await outcome(task);
  trace(result, at());
}

static Coro<> clean_up_10ms() {
  std::exception_ptr cancelled;
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    cancelled = std::current_exception();
  }
  co_await aio::sleep(10ms);
  if (cancelled) std::rethrow_exception(cancelled);
}

SCENARIO(done_callbacks_of_a_cancelled_task_come_when_it_ended) {
  const auto task = aio::create_task(clean_up_10ms());
  task.add_done_callback(
      [](const aio::AnyFuture& done) { trace("callback", done.cancelled(), at()); });
  co_await turns(1);
  task.cancel();
  trace("asked", task.done());
  const std::string result = co_await outcome(task);
  trace(result, at());
}
