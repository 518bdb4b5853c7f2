// Tasks that take their first step at once.

#include "scenario.hpp"

using namespace conformance;

template <class T>
static aio::Task<T> start(Coro<T> coro) {
  return aio::create_task(std::move(coro), aio::TaskOptions().eager_start());
}

static Coro<std::string> say_and_return(std::string what) {
  trace("body", what);
  co_return what;
}

SCENARIO(a_body_that_never_waits_ends_at_once) {
  const auto task = start(say_and_return("a"));
  const bool cancelled = task.cancel();
  trace("made", task.done(), cancelled, task.result());
  const std::string result = co_await task;
  trace(result);
  const auto failed = start(fail("at once"));
  trace("made", failed.done());
  trace(co_await outcome(failed));
}

static std::string current() { return aio::current_task().get_name(); }

static Coro<> say_current() {
  trace("first step", current());
  co_await aio::sleep(0);
  trace("second step", current());
}

SCENARIO(one_that_waits_goes_on_as_a_task) {
  aio::current_task().set_name("main");
  trace("before", current());
  const auto task = aio::create_task(say_current(), aio::TaskOptions("eager").eager_start());
  trace("after", current(), task.done());
  co_await aio::sleep(0);
  trace("a turn later", current(), task.done());
  co_await task;
}

static Coro<> say_twice(std::string name) {
  trace(name);
  co_await aio::sleep(0);
  trace(name, "again");
}

SCENARIO(eager_tasks_run_before_others_that_were_made_first) {
  const auto lazy = aio::create_task(say_twice("lazy"));
  const auto eager = start(say_twice("eager"));
  trace("made");
  co_await lazy;
  co_await eager;
}
