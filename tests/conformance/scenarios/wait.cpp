// wait.

#include <algorithm>

#include "scenario.hpp"

using namespace conformance;

static Coro<std::string> child(std::string name, int milliseconds, bool fails) {
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

using Task = aio::Task<std::string>;
using Tasks = std::vector<Task>;

/// A task that bears its name.
static Task start(const char* name, int milliseconds, bool fails = false) {
  return aio::create_task(child(name, milliseconds, fails), name);
}

template <class T>
static std::vector<std::string> names(const std::vector<T>& tasks) {
  std::vector<std::string> all;
  for (const auto& task : tasks) all.push_back(task.get_name());
  std::sort(all.begin(), all.end());
  return all;
}

template <class T>
static Coro<std::vector<T>> show(Coro<aio::WaitResult<T>> waiting) {
  const aio::WaitResult<T> result = co_await std::move(waiting);
  trace("done", names(result.done), "pending", names(result.pending), at());
  co_return result.pending;
}

SCENARIO(wait_refuses_nothing_and_nonsense) {
  const auto say = [](const auto& result) { return std::to_string(result.done.size()); };
  for (const bool empty : {true, false}) {
    Tasks tasks;
    if (!empty) tasks.push_back(start("task", 0));
    std::string outcome;
    try {
      const auto result = co_await aio::wait(tasks, static_cast<aio::ReturnWhen>(7));
      outcome = say(result);
    } catch (...) {
      outcome = name_of(std::current_exception());
    }
    trace(outcome);
    for (const Task& task : tasks) task.cancel();
  }
}

SCENARIO(a_timeout_returns_who_is_done) {
  const Tasks tasks{start("a", 10), start("b", 30), start("c", 20, true)};
  co_await show(aio::wait(tasks, 25ms));
  std::vector<bool> cancelled;
  for (const Task& task : tasks) cancelled.push_back(task.cancelled());
  trace(cancelled);
  co_await show(aio::wait(tasks, 10s));
}

SCENARIO(a_timeout_of_zero_looks_once) {
  const Tasks tasks{start("a", 10), start("b", 20)};
  co_await aio::sleep(15ms);
  co_await show(aio::wait(tasks, 0s));
  co_await show(aio::wait(tasks));
}

static Coro<std::string> await_it(aio::Future<> future) {
  co_await future;
  co_return "";
}

SCENARIO(first_completed_returns_all_of_the_same_turn) {
  const auto future = aio::get_running_loop().create_future();
  const Tasks tasks{aio::create_task(await_it(future), "a"),
                    aio::create_task(await_it(future), "b"), start("c", 20)};
  aio::get_running_loop().call_later(10ms, [future] { future.set_result(); });
  const Tasks pending = co_await show(aio::wait(tasks, aio::FIRST_COMPLETED));
  co_await show(aio::wait(pending, aio::FIRST_COMPLETED));
}

SCENARIO(first_completed_again_and_again) {
  Tasks pending{start("a", 30), start("b", 10), start("c", 20)};
  while (!pending.empty()) pending = co_await show(aio::wait(pending, aio::FIRST_COMPLETED));
}

SCENARIO(first_exception_ends_on_a_failure_and_not_on_a_cancellation) {
  const Tasks tasks{start("a", 5), start("b", 30), start("c", 20, true), start("d", 40)};
  aio::get_running_loop().call_later(10ms, [task = tasks[1]] { task.cancel(); });
  const Tasks pending = co_await show(aio::wait(tasks, aio::FIRST_EXCEPTION));
  co_await show(aio::wait(pending, aio::FIRST_EXCEPTION));
  trace(tasks[2].exception());
}

static Coro<> wait_for_all(Tasks tasks) { co_await aio::wait(tasks); }

SCENARIO(cancelling_the_waiter_leaves_the_tasks) {
  const Tasks tasks{start("a", 20), start("b", 30)};
  const auto waiter = aio::create_task(wait_for_all(tasks));
  co_await aio::sleep(10ms);
  waiter.cancel("because");
  const std::string result = co_await outcome(waiter);
  trace(result, std::tuple(tasks[0].done(), tasks[1].done()));
  co_await show(aio::wait(tasks));
}

SCENARIO(duplicates_count_once_and_failures_are_not_raised) {
  const Task task = start("a", 10, true);
  const Tasks tasks{task, task, task};
  const auto result = co_await aio::wait(tasks);
  trace(result.done.size(), result.pending.size(), task.exception());
}

SCENARIO(wait_takes_the_turns_that_it_takes) {
  const auto ticker = aio::create_task(ticks(8));
  const std::vector<aio::Task<>> tasks{aio::create_task(turns(1)), aio::create_task(turns(3))};
  co_await turns(1);
  co_await aio::wait(tasks);
  trace("all done");
  co_await ticker;
}

SCENARIO(waiting_for_what_is_done_takes_a_turn) {
  const auto task = aio::create_task(turns(0), "task");
  const std::vector<aio::Task<>> tasks{task};
  co_await task;
  const auto ticker = aio::create_task(ticks(4));
  co_await show(aio::wait(tasks));
  co_await show(aio::wait(tasks, aio::FIRST_COMPLETED));
  co_await ticker;
}
