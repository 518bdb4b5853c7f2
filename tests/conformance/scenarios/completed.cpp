// as_completed.

#include "scenario.hpp"

using namespace conformance;

static Coro<std::string> child(std::string name, int milliseconds, bool fails) {
  co_await aio::sleep(std::chrono::milliseconds(milliseconds));
  if (fails) throw Boom(name);
  co_return name;
}

using Task = aio::Task<std::string>;
using Tasks = std::vector<Task>;

static Task start(const char* name, int milliseconds, bool fails = false) {
  return aio::create_task(child(name, milliseconds, fails), name);
}

SCENARIO(results_come_as_they_are_completed) {
  const Tasks tasks{start("a", 30), start("b", 10, true), start("c", 20)};
  for (auto following : aio::as_completed(tasks)) {
    const std::string result = co_await outcome(std::move(following));
    trace(result, at());
  }
}

SCENARIO(tasks_come_as_they_are_completed) {
  const Tasks tasks{start("a", 30), start("b", 10), start("c", 20)};
  const auto completed = aio::as_completed(tasks);
  while (const Task task = co_await completed.next()) {
    bool known = false;
    for (const Task& one : tasks) known |= one == task;
    trace(task.get_name(), known, task.done(), at());
  }
}

SCENARIO(those_that_are_late_raise_timeout_error) {
  const Tasks tasks{start("a", 30), start("b", 10), start("c", 40)};
  for (auto following : aio::as_completed(tasks, 20ms)) {
    const std::string result = co_await outcome(std::move(following));
    trace(result, at());
  }
  std::vector<bool> done;
  for (const Task& task : tasks) done.push_back(task.done());
  trace(done);
  const std::string result = co_await outcome(tasks[2]);
  trace(result, at());
}

SCENARIO(an_iteration_goes_on_where_it_was_broken_off) {
  const Tasks tasks{start("a", 30), start("b", 10), start("c", 20)};
  const auto completed = aio::as_completed(tasks);
  const Task first = co_await completed.next();
  trace("first", first.get_name(), at());
  while (const Task task = co_await completed.next()) trace("then", task.get_name(), at());
}

SCENARIO(duplicates_come_once) {
  const Task task = start("a", 10);
  const Tasks tasks{task, task};
  for (auto following : aio::as_completed(tasks)) {
    trace(co_await outcome(std::move(following)));
  }
  trace("that is all");
}

SCENARIO(what_is_done_comes_in_the_order_of_its_end) {
  const Tasks tasks{start("a", 20), start("b", 10)};
  std::vector<Coro<std::string>> completed;
  for (auto following : aio::as_completed(tasks)) completed.push_back(std::move(following));
  co_await aio::sleep(30ms);
  co_await turns(1);
  for (auto& following : completed) {
    const std::string result = co_await outcome(std::move(following));
    trace(result, at());
  }
}
