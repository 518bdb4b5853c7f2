// Tasks: how they start, take turns and end.

#include <limits>

#include "scenario.hpp"

using namespace conformance;

static Coro<std::string> steps(std::string name, int count) {
  for (int step = 1; step <= count; ++step) {
    trace(name, "step", step);
    co_await aio::sleep(0);
  }
  trace(name, "ends");
  co_return name;
}

SCENARIO(create_task_does_not_run_the_body_at_once) {
  const auto task = aio::create_task(steps("task", 1));
  trace("created", task.done());
  co_await aio::sleep(0);
  trace("a turn later", task.done());
  co_await aio::sleep(0);
  trace("two turns later", task.done());
}

SCENARIO(tasks_take_turns) {
  const std::vector<aio::Task<std::string>> tasks{aio::create_task(steps("a", 3)),
                                                  aio::create_task(steps("b", 2)),
                                                  aio::create_task(steps("c", 1))};
  for (const auto& task : tasks) {
    const std::string name = co_await task;
    trace("awaited", name);
  }
}

static Coro<> parent(std::string name, int depth) {
  trace(name);
  if (depth == 0) co_return;
  std::vector<aio::Task<>> children;
  for (const char* suffix : {".1", ".2"}) {
    children.push_back(aio::create_task(parent(name + suffix, depth - 1)));
  }
  trace(name, "made two");
  for (const auto& child : children) co_await child;
  trace(name, "ends");
}

SCENARIO(tasks_made_by_tasks_start_in_order) { co_await parent("root", 2); }

SCENARIO(names_are_unique_and_may_be_anything) {
  const auto one = aio::create_task(turns(0));
  const auto two = aio::create_task(turns(0));
  trace("differ", one.get_name() != two.get_name());
  one.set_name(5);
  two.set_name("worker");
  trace(one.get_name(), two.get_name());
  co_await one;
  co_await two;
}

static Coro<std::string> await_it(const aio::Task<std::string>& task) {
  co_return co_await outcome(task);
}

SCENARIO(a_task_cannot_await_itself) {
  aio::Task<std::string> narcissus;
  narcissus = aio::create_task(await_it(narcissus));
  const std::string result = co_await narcissus;
  trace(result);
}

SCENARIO(nobody_sets_the_result_of_a_task) {
  const auto task = aio::create_task(steps("task", 0));
  trace(attempt([&] { task.set_result("x"); }));
  trace(attempt([&] { task.set_exception(Boom("x")); }));
  trace(co_await outcome(task));
}

SCENARIO(an_unseen_failure_is_reported_once) {
  auto task = aio::create_task(fail("unseen"));
  co_await turns(2);
  trace("dropping", task.done());
  task = {};
  trace("dropped");
  co_await turns(2);
}

SCENARIO(a_failure_that_was_seen_is_not_reported) {
  std::vector<aio::Task<>> tasks{aio::create_task(fail("awaited")), aio::create_task(fail("asked")),
                                 aio::create_task(fail("cancelled"))};
  trace(co_await outcome(tasks[0]));
  trace(tasks[1].exception());
  trace(tasks[2].cancel());
  tasks.clear();
  trace("dropped");
  co_await turns(2);
}

static Coro<> who(std::string name) {
  for (int i = 0; i < 2; ++i) {
    trace(name, aio::current_task().get_name() == name);
    co_await aio::sleep(0);
  }
}

SCENARIO(current_task_is_the_one_that_runs) {
  const auto a = aio::create_task(who("a"), "a");
  const auto b = aio::create_task(who("b"), "b");
  aio::get_running_loop().call_soon([] { trace("in a callback", !aio::current_task()); });
  co_await a;
  co_await b;
}

SCENARIO(all_tasks_has_those_that_have_not_ended) {
  const auto a = aio::create_task(steps("task", 0));
  const auto b = aio::create_task(steps("task", 1));
  for (int i = 0; i < 4; ++i) {
    trace("all", aio::all_tasks().size(), std::tuple(a.done(), b.done()));
    co_await aio::sleep(0);
  }
}

static Coro<> sleep_with_result(std::string name, std::chrono::seconds delay) {
  const std::string result = co_await aio::sleep(delay, std::string("slept"));
  trace(name, result, at());
}

SCENARIO(sleep_of_zero_or_less_takes_one_turn) {
  const auto ticker = aio::create_task(ticks(3));
  const auto zero = aio::create_task(sleep_with_result("0", 0s));
  const auto negative = aio::create_task(sleep_with_result("-1", -1s));
  co_await zero;
  co_await negative;
  co_await ticker;
}

static Coro<> sleeper(std::string name, std::vector<int> delays) {
  for (const int delay : delays) {
    co_await aio::sleep(std::chrono::milliseconds(delay));
    trace(name, "after", delay, at());
  }
}

SCENARIO(sleepers_wake_at_their_times) {
  const std::vector<int> delays_of_a{30, 20, 10};
  const std::vector<int> delays_of_b{8, 8, 8, 8};
  const std::vector<int> delays_of_c{41, 1};
  const auto a = aio::create_task(sleeper("a", delays_of_a));
  const auto b = aio::create_task(sleeper("b", delays_of_b));
  const auto c = aio::create_task(sleeper("c", delays_of_c));
  co_await a;
  co_await b;
  co_await c;
}

SCENARIO(sleep_of_nan_is_refused) {
  const std::chrono::duration<double> nan(std::numeric_limits<double>::quiet_NaN());
  trace(attempt([nan] { static_cast<void>(aio::sleep(nan)); }));
  co_return;
}

static Coro<std::string> link(int depth) {
  if (depth == 0) co_return "leaf";
  const auto next = aio::create_task(link(depth - 1));
  const std::string result = co_await next;
  trace("link", depth, "has", result);
  co_return result;
}

SCENARIO(a_chain_of_tasks_ends_link_by_link) {
  const auto task = aio::create_task(link(3));
  co_await ticks(10);
  const std::string result = co_await task;
  trace(result);
}

SCENARIO(awaiting_a_done_future_takes_no_turn) {
  const auto future = aio::get_running_loop().create_future<std::string>();
  future.set_result("there");
  const auto ticker = aio::create_task(ticks(1));
  for (int i = 0; i < 2; ++i) {
    const std::string result = co_await future;
    trace(result);
  }
  co_await ticker;
}

static Coro<> wait_for_it(std::string name, aio::Future<std::string> future) {
  const std::string result = co_await future;
  trace(name, result);
}

SCENARIO(many_may_await_one_future) {
  const auto future = aio::get_running_loop().create_future<std::string>();
  std::vector<aio::Task<>> tasks;
  for (const char* name : {"a", "b", "c"}) {
    tasks.push_back(aio::create_task(wait_for_it(name, future)));
  }
  co_await turns(1);
  aio::get_running_loop().call_soon([] { trace("called soon"); });
  future.set_result("set");
  trace("after set");
  for (const auto& task : tasks) co_await task;
}

SCENARIO(a_future_is_set_once) {
  const auto future = aio::get_running_loop().create_future<int>();
  const auto result_of = [](const aio::Future<int>& of) {
    return attempt([&] { return of.result(); });
  };
  const auto set = [](const aio::Future<int>& which, int value) {
    return attempt([&] { which.set_result(value); });
  };
  trace("pending", result_of(future), attempt([&] { return future.exception(); }));
  future.set_result(1);
  trace("set", result_of(future), attempt([&] { return future.exception(); }));
  trace("again", set(future, 2), attempt([&] { future.set_exception(Boom("x")); }));
  const bool cancelled = future.cancel();
  trace("cancel", cancelled, future.cancelled());
  const auto other = aio::get_running_loop().create_future<int>();
  const bool first = other.cancel();
  const bool second = other.cancel();
  trace("cancel", first, second, other.cancelled(), other.done());
  trace("cancelled", result_of(other), set(other, 1));
  co_return;
}

SCENARIO(done_callbacks_come_in_order_through_the_loop) {
  aio::EventLoop& loop = aio::get_running_loop();
  const auto future = loop.create_future<std::string>();
  future.add_done_callback([](const aio::AnyFuture& done) {
    trace("first");
    done.add_done_callback([](const aio::AnyFuture&) { trace("added by first"); });
  });
  const auto task = aio::create_task(wait_for_it("waiter", future));
  co_await turns(1);
  future.add_done_callback([&](const aio::AnyFuture&) { trace("third", future.result()); });
  future.set_result("set");
  trace("set, nobody called");
  loop.call_soon([] { trace("called soon"); });
  co_await ticks(3);
  co_await task;
}

SCENARIO(done_callbacks_may_be_taken_back) {
  const auto future = aio::get_running_loop().create_future();
  const auto handle = future.add_done_callback([](const aio::AnyFuture&) { trace("never"); });
  trace("removed", future.remove_done_callback(handle));
  trace("removed", future.remove_done_callback(handle));
  future.add_done_callback([](const aio::AnyFuture&) { trace("stays"); });
  future.set_result();
  co_await turns(2);
}

SCENARIO(a_failing_done_callback_does_not_stop_the_others) {
  const auto future = aio::get_running_loop().create_future();
  future.add_done_callback([](const aio::AnyFuture&) { throw Boom("callback"); });
  future.add_done_callback([](const aio::AnyFuture&) { trace("second"); });
  future.set_result();
  co_await turns(2);
}
