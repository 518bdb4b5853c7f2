// wait_for and shield.

#include "scenario.hpp"

using namespace conformance;
using std::chrono::milliseconds;

static Coro<std::string> sleeper(std::string name, milliseconds delay, milliseconds cleanup = 0ms) {
  trace(name, "starts");
  std::exception_ptr cancelled;
  try {
    co_await aio::sleep(delay);
  } catch (const aio::CancelledError&) {
    trace(name, "cancelled", at());
    cancelled = std::current_exception();
  }
  if (cancelled) {
    if (cleanup > 0ms) {
      co_await aio::sleep(cleanup);
      trace(name, "cleaned up", at());
    }
    std::rethrow_exception(cancelled);
  }
  trace(name, "ends", at());
  co_return name;
}

static Coro<std::string> refuse(std::string name, bool fails) {
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    trace(name, "refuses", at());
  }
  if (fails) throw Boom(name);
  co_return "value";
}

SCENARIO(wait_for_without_a_timeout_waits) {
  const std::string result = co_await aio::wait_for(sleeper("a", 1000000ms), std::nullopt);
  trace(result, at());
}

SCENARIO(wait_for_gives_the_result_in_time) {
  const std::string first = co_await outcome(aio::wait_for(sleeper("a", 10ms), 20ms));
  trace(first, at());
  const std::string second = co_await outcome(aio::wait_for(fail("in time"), 20ms));
  trace(second, at());
  co_await aio::sleep(20ms);
  trace("nothing came later");
}

SCENARIO(wait_for_no_time_at_all) {
  const auto done = aio::get_running_loop().create_future<std::string>();
  done.set_result("done");
  trace(co_await outcome(aio::wait_for(done, 0s)));
  trace(co_await outcome(aio::wait_for(sleeper("never", 10ms), 0s)));
  const auto task = aio::create_task(sleeper("running", 1000ms, 5ms));
  co_await turns(1);
  const std::string result = co_await outcome(aio::wait_for(task, -1s));
  trace(result, task.cancelled(), at());
}

SCENARIO(wait_for_waits_for_the_cleanup) {
  const std::string first = co_await outcome(aio::wait_for(sleeper("a", 1000ms, 30ms), 10ms));
  trace(first, at());
  const auto task = aio::create_task(sleeper("task", 1000ms, 30ms));
  const std::string second = co_await outcome(aio::wait_for(task, 10ms));
  trace(second, task.cancelled(), at());
}

SCENARIO(what_ends_otherwise_when_its_time_is_up_counts) {
  const std::string first = co_await outcome(aio::wait_for(refuse("a", false), 10ms));
  trace(first, at());
  const std::string second = co_await outcome(aio::wait_for(refuse("b", true), 10ms));
  trace(second, at());
  trace(aio::current_task().cancelling());
}

SCENARIO(cancelling_wait_for_cancels_the_inner_one) {
  const auto inner = aio::create_task(sleeper("inner", 1000ms));
  const auto outer = aio::create_task(aio::wait_for(inner, 10s));
  co_await aio::sleep(5ms);
  outer.cancel("because");
  const std::string result = co_await outcome(outer);
  trace(result, inner.cancelled(), at());
}

SCENARIO(a_result_in_the_turn_of_the_timeout_counts) {
  aio::EventLoop& loop = aio::get_running_loop();
  const auto future = loop.create_future<std::string>();
  const auto waiter = aio::create_task(aio::wait_for(future, 20ms));
  loop.call_at(aio::TimePoint(20ms), [future] { future.set_result("just in time"); });
  const std::string result = co_await outcome(waiter);
  trace(result, at());
}

SCENARIO(a_cancellation_is_not_lost_to_a_result) {
  const auto future = aio::get_running_loop().create_future<std::string>();
  const auto waiter = aio::create_task(aio::wait_for(future, 1s));
  co_await turns(2);
  future.set_result("set");
  waiter.cancel("because");
  trace(co_await outcome(waiter));
}

SCENARIO(shielded_from_a_timeout) {
  const auto inner = aio::create_task(sleeper("inner", 30ms));
  const std::string first = co_await outcome(aio::wait_for(aio::shield(inner), 10ms));
  trace(first, at());
  const bool done = inner.done();
  const std::string second = co_await inner;
  trace(done, second, at());
}

SCENARIO(shield_passes_on_what_comes) {
  const std::string first = co_await outcome(aio::shield(sleeper("a", 10ms)));
  trace(first, at());
  trace(co_await outcome(aio::shield(fail("b"))));
  const auto inner = aio::create_task(sleeper("c", 1000ms));
  const auto outer = aio::shield(inner);
  co_await turns(1);
  inner.cancel();
  const std::string third = co_await outcome(outer);
  trace(third, outer.cancelled());
}

static Coro<> await_shield(aio::Task<std::string> inner) { co_await aio::shield(inner); }

SCENARIO(cancelling_a_shield_leaves_the_inner_one) {
  const auto inner = aio::create_task(sleeper("inner", 20ms));
  const auto outer = aio::create_task(await_shield(inner));
  co_await aio::sleep(10ms);
  outer.cancel("because");
  const std::string first = co_await outcome(outer);
  trace(first, inner.done(), at());
  const std::string second = co_await outcome(inner);
  trace(second, at());
}

SCENARIO(a_shield_takes_the_turns_that_it_takes) {
  const auto ticker = aio::create_task(ticks(5));
  co_await aio::shield(turns(1));
  trace("none");
  co_await ticker;
}

SCENARIO(a_done_one_is_shielded_by_itself) {
  const auto task = aio::create_task(turns(0));
  co_await task;
  const aio::Future<> shielded = aio::shield(task);
  trace(shielded == task);
}

SCENARIO(shields_and_gathers) {
  const auto a = aio::create_task(sleeper("a", 20ms));
  const auto b = aio::create_task(sleeper("b", 20ms));
  const auto done = [&] { return std::tuple(a.done(), b.done()); };
  const auto outer = aio::shield(aio::gather(a, b));
  co_await aio::sleep(5ms);
  outer.cancel();
  const std::string first = co_await outcome(outer);
  trace(first, done());
  const auto gathered = aio::gather(aio::shield(a), aio::shield(b));
  co_await turns(1);
  gathered.cancel();
  const std::string second = co_await outcome(gathered);
  trace(second, done());
  for (const auto& child : {a, b}) {
    const std::string result = co_await outcome(child);
    trace(result, at());
  }
}
