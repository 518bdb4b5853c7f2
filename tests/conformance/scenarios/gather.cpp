// gather.

#include "scenario.hpp"

using namespace conformance;

static Coro<std::string> child(std::string name, int milliseconds, bool fails = false) {
  trace(name, "starts");
  try {
    co_await aio::sleep(std::chrono::milliseconds(milliseconds));
  } catch (const aio::CancelledError&) {
    trace(name, "got", std::current_exception(), at());
    throw;
  }
  trace(name, "ends", at());
  if (fails) throw Boom(name);
  co_return name;
}

using Tasks = std::vector<aio::Task<std::string>>;

static aio::Task<std::string> start(const char* name, int milliseconds, bool fails = false) {
  return aio::create_task(child(name, milliseconds, fails));
}

static std::vector<bool> done(const Tasks& tasks) {
  std::vector<bool> all;
  for (const auto& task : tasks) all.push_back(task.done());
  return all;
}

SCENARIO(results_follow_the_arguments) {
  const auto results = co_await aio::gather(child("a", 30), child("b", 10), child("c", 20));
  trace(results, at());
}

SCENARIO(gather_takes_the_turns_that_it_takes) {
  const auto ticker = aio::create_task(ticks(8));
  co_await turns(1);
  const auto results = co_await aio::gather(turns(1), turns(3), turns(0));
  trace(results);
  trace("gathered");
  co_await ticker;
}

SCENARIO(gather_of_nothing_is_done) {
  const auto future = aio::gather();
  trace(future.done());
  const auto results = co_await future;
  trace(results);
}

SCENARIO(the_first_failure_comes_at_once) {
  Tasks tasks{start("a", 30), start("b", 10, true), start("c", 20, true)};
  const std::string first = co_await outcome(aio::gather(tasks));
  trace(first, at());
  trace(done(tasks));
  const std::string second = co_await outcome(tasks[0]);
  trace(second, at());
  tasks.clear();
  trace("nothing is reported");
}

static Coro<> fail_a_turn_later(std::string name) {
  co_await aio::sleep(0);
  throw Boom(name);
}

SCENARIO(of_two_failures_in_one_turn_the_first_child_wins) {
  trace(co_await outcome(aio::gather(fail_a_turn_later("a"), fail_a_turn_later("b"))));
  co_await turns(2);
}

SCENARIO(a_cancelled_child_is_a_failure) {
  const Tasks tasks{start("a", 20), start("b", 30)};
  const auto future = aio::gather(tasks);
  co_await aio::sleep(10ms);
  tasks[0].cancel("because");
  const std::string result = co_await outcome(future);
  trace(result, at());
  trace("gather cancelled", future.cancelled(), "child", tasks[0].cancelled());
  trace(co_await outcome(tasks[1]));
}

SCENARIO(cancelling_gather_cancels_the_children) {
  Tasks tasks{start("a", 20), start("b", 20), start("c", 20)};
  const auto quick = start("quick", 5);
  const auto future = aio::gather(tasks[0], tasks[1], tasks[2], quick);
  co_await aio::sleep(10ms);
  const bool asked = future.cancel("because");
  trace(asked, future.done(), done(tasks));
  const std::string result = co_await outcome(future);
  trace(result, future.cancelled());
  std::vector<bool> cancelled;
  for (const auto& task : tasks) cancelled.push_back(task.cancelled());
  trace(cancelled, quick.cancelled());
}

static Coro<> gather_two() {
  try {
    co_await aio::gather(child("a", 20), child("b", 30));
  } catch (const aio::CancelledError&) {
    trace("gatherer got", std::current_exception());
    throw;
  }
}

SCENARIO(cancelling_who_awaits_a_gather_cancels_the_children) {
  const auto task = aio::create_task(gather_two());
  co_await aio::sleep(10ms);
  task.cancel("because");
  co_await ticks(4);
  const std::string result = co_await outcome(task);
  trace(result, at());
}

static Coro<std::string> refuse(std::string name) {
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    trace(name, "refuses");
  }
  co_return name;
}

SCENARIO(a_cancelled_gather_is_cancelled_though_children_refuse) {
  const auto future = aio::gather(refuse("a"), refuse("b"));
  co_await turns(1);
  trace(future.cancel());
  const std::string result = co_await outcome(future);
  trace(result, future.cancelled());
}

static Coro<> clean_up_10ms(std::string name) {
  std::exception_ptr cancelled;
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    cancelled = std::current_exception();
  }
  co_await aio::sleep(10ms);
  trace(name, "cleaned up", at());
  if (cancelled) std::rethrow_exception(cancelled);
}

SCENARIO(a_child_that_cleans_up_holds_up_a_cancelled_gather) {
  const auto future = aio::gather(clean_up_10ms("a"), child("b", 1000));
  co_await turns(1);
  future.cancel();
  const std::string result = co_await outcome(future);
  trace(result, at());
  co_await aio::sleep(20ms);
}

SCENARIO(cancel_after_all_children_ended_is_false) {
  const auto future = aio::gather(turns(1), turns(1));
  co_await turns(2);
  const bool was_done = future.done();
  trace(was_done, future.cancel());
  trace(co_await outcome(future));
  trace(future.cancel());
}

SCENARIO(one_awaitable_given_twice_runs_once) {
  const auto task = start("a", 10);
  const auto results = co_await aio::gather(task, child("b", 5), task);
  trace(results);
}

SCENARIO(gathers_nest) {
  const auto inner = aio::gather(child("a", 10), child("b", 20));
  const auto outer = aio::gather(inner, child("c", 15), aio::gather(child("d", 5)));
  const auto results = co_await outer;
  trace(results, at());
}

SCENARIO(cancelling_an_outer_gather_goes_through_the_inner_one) {
  const auto inner = aio::gather(child("a", 10), child("b", 20));
  const auto outer = aio::gather(inner, child("c", 15));
  co_await aio::sleep(1ms);
  outer.cancel();
  const std::string result = co_await outcome(outer);
  trace(result, outer.cancelled(), inner.done(), at());
}

SCENARIO(return_exceptions_waits_for_all) {
  const Tasks tasks{start("a", 30), start("b", 10, true), start("c", 20)};
  const auto future = aio::gather(aio::return_exceptions, tasks);
  co_await aio::sleep(5ms);
  tasks[2].cancel();
  const auto results = co_await future;
  trace(results, at());
}

SCENARIO(cancelling_a_gather_that_returns_exceptions_still_raises) {
  const auto future = aio::gather(aio::return_exceptions, child("a", 10), child("b", 20));
  co_await aio::sleep(1ms);
  trace(future.cancel());
  const std::string result = co_await outcome(future);
  trace(result, at());
}
