// Callbacks and the loop.

#include "scenario.hpp"

using namespace conformance;

/// A callback that says `parts`.
template <class... T>
static auto say(T... parts) {
  return [parts...] { trace(parts...); };
}

LOOP_SCENARIO(callbacks_run_in_order_and_once) {
  for (const char* name : {"first", "second", "third"}) loop.call_soon(say(name));
  run_turns(loop, 1);
  trace("next turn");
  run_turns(loop, 1);
}

static void add_deeper(aio::EventLoop& loop, int depth) {
  trace("depth", depth);
  if (depth < 3) loop.call_soon(add_deeper, std::ref(loop), depth + 1);
}

LOOP_SCENARIO(callbacks_added_during_a_turn_wait_for_the_next) {
  loop.call_soon(add_deeper, std::ref(loop), 1);
  loop.call_soon(say("other"));
  for (int turn = 1; turn < 5; ++turn) {
    trace("turn", turn);
    run_turns(loop, 1);
  }
}

LOOP_SCENARIO(a_cancelled_handle_never_runs) {
  std::vector<aio::Handle> handles;
  loop.call_soon([&handles] {
    trace("cancelling");
    for (const aio::Handle& handle : handles) handle.cancel();
  });
  handles.push_back(loop.call_soon(say("soon")));
  handles.push_back(loop.call_later(10ms, say("later")));
  const aio::Handle before = loop.call_soon(say("before"));
  before.cancel();
  trace("cancelled", before.cancelled(), handles[0].cancelled());
  loop.call_later(20ms, [&loop] { loop.stop(); });
  loop.run_forever();
  trace("cancelled", before.cancelled(), handles[0].cancelled(), handles[1].cancelled());
}

LOOP_SCENARIO(earlier_deadlines_come_first) {
  loop.call_later(20ms, say("20 ms"));
  loop.call_later(-1s, say("-1 s"));
  loop.call_later(-2s, say("-2 s"));
  loop.call_later(10ms, say("10 ms"));
  loop.call_soon(say("soon"));
  loop.call_at(loop.time() + 15ms, say("15 ms"));
  loop.call_later(30ms, [&loop] { loop.stop(); });
  loop.run_forever();
}

LOOP_SCENARIO(overdue_timers_run_after_what_was_ready) {
  loop.call_later(-1s, say("overdue"));
  loop.call_soon(say("soon"));
  run_turns(loop, 1);
  trace("end of turn");
}

LOOP_SCENARIO(stop_lets_the_turn_finish) {
  loop.call_soon([&loop] {
    trace("stopping");
    loop.stop();
    loop.call_soon(say("next turn"));
  });
  loop.call_soon(say("same turn"));
  loop.run_forever();
  trace("stopped");
  run_turns(loop, 1);
}

LOOP_SCENARIO(stopped_before_the_run_makes_one_turn) {
  loop.call_soon([&loop] { loop.call_soon(say("second turn")); });
  loop.call_soon(say("first turn"));
  loop.call_later(1s, say("timer"));
  loop.stop();
  loop.run_forever();
  trace("stopped at", loop.time().time_since_epoch() / 1ms);
}

static Coro<int> answer() {
  co_await aio::sleep(5ms);
  trace("answering", at());
  co_return 42;
}

LOOP_SCENARIO(run_until_complete_gives_the_outcome) {
  trace(attempt([&] { return loop.run_until_complete(answer()); }));
  trace(attempt([&] { return loop.run_until_complete(fail("no")); }));
  const auto future = loop.create_future<int>();
  loop.call_soon([future] { future.cancel("because"); });
  trace(attempt([&] { return loop.run_until_complete(future); }));
}

static Coro<std::string> work_10ms() {
  trace("working");
  co_await aio::sleep(10ms);
  trace("done", at());
  co_return "finished";
}

LOOP_SCENARIO(a_stopped_run_may_be_resumed) {
  const auto task = loop.create_task(work_10ms());
  loop.call_later(5ms, [&loop] { loop.stop(); });
  for (int i = 0; i < 2; ++i) {
    const std::string outcome = attempt([&] { return loop.run_until_complete(task); });
    trace(outcome, "done", task.done());
  }
}

static Coro<> never() {
  trace("never");
  co_return;
}

static Coro<> run_both(aio::EventLoop& loop) {
  aio::EventLoop other;
  trace(attempt([&] { loop.run_until_complete(never()); }));
  trace(attempt([&] { other.run_until_complete(never()); }));
  trace("outer goes on");
  co_return;
}

LOOP_SCENARIO(a_run_inside_a_run_is_refused) { loop.run_until_complete(run_both(loop)); }

LOOP_SCENARIO(close_is_final) {
  loop.call_soon([&] { trace("closing inside:", attempt([&] { loop.close(); })); });
  run_turns(loop, 1);
  loop.call_soon(say("never"));
  const std::string first = attempt([&] { loop.close(); });
  trace(first, loop.is_closed());
  trace(attempt([&] { loop.close(); }));
  trace(attempt([&] { static_cast<void>(loop.call_soon(say("never"))); }));
  trace(attempt([&] { static_cast<void>(loop.call_later(1s, say("never"))); }));
  trace(attempt([&] { static_cast<void>(loop.call_soon_threadsafe(say("never"))); }));
  trace(attempt([&] { loop.run_forever(); }));
}

static void explode() { throw Boom("callback"); }

LOOP_SCENARIO(a_failing_callback_is_reported_and_the_loop_goes_on) {
  loop.call_soon(say("before"));
  loop.call_soon(explode);
  loop.call_soon(say("after"));
  loop.call_later(1ms, explode);
  loop.call_later(2ms, [&loop] { loop.stop(); });
  loop.run_forever();
  trace("ran");
}

LOOP_SCENARIO(a_failing_handler_does_not_stop_the_loop) {
  loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext& context) {
    trace("handling", context.exception);
    throw Boom("handler");
  });
  loop.call_soon(explode);
  loop.call_soon(say("after"));
  run_turns(loop, 1);
}

LOOP_SCENARIO(calls_from_inside_keep_their_order_whichever_way) {
  loop.call_soon([&loop] {
    loop.call_soon(say("soon 1"));
    loop.call_soon_threadsafe(say("threadsafe 2"));
    loop.call_soon(say("soon 3"));
    loop.call_soon_threadsafe(say("threadsafe 4"));
  });
  loop.call_later(1ms, [&loop] { loop.stop(); });
  loop.run_forever();
}

LOOP_SCENARIO(a_callback_that_cancels_itself_runs_on) {
  aio::Handle handle;
  handle = loop.call_soon_threadsafe([&handle] {
    trace("before", handle.cancelled());
    handle.cancel();
    trace("after", handle.cancelled());
  });
  loop.call_later(1ms, [&loop] { loop.stop(); });
  loop.run_forever();
}

static void tick(aio::Future<std::string> done, int count) {
  trace("tick", count, at());
  if (count == 3) {
    done.set_result("done");
  } else {
    aio::get_running_loop().call_later(10ms, tick, done, count + 1);
  }
}

SCENARIO(callbacks_come_at_their_time) {
  aio::EventLoop& loop = aio::get_running_loop();
  const auto done = loop.create_future<std::string>();
  loop.call_later(10ms, tick, done, 1);
  loop.call_later(15ms, [] { trace("between", at()); });
  const std::string result = co_await done;
  trace(result, at());
}

static Coro<> clean_up_slowly() {
  trace("leftover cancelled", at());
  co_await aio::sleep(10ms);
  trace("leftover cleaned up", at());
}

static Coro<> leftover() {
  std::exception_ptr cancelled;
  try {
    co_await aio::sleep(60s);
  } catch (const aio::CancelledError&) {
    cancelled = std::current_exception();
  }
  co_await clean_up_slowly();
  std::rethrow_exception(cancelled);
}

static Coro<> fail_when_cancelled() {
  try {
    co_await aio::sleep(60s);
  } catch (const aio::CancelledError&) {
    trace("failing");
    throw Boom("cleanup");
  }
}

SCENARIO(what_main_leaves_is_cancelled_and_awaited) {
  const auto task = aio::create_task(leftover());
  co_await aio::sleep(1ms);
  trace("main ends", task.done());
}

SCENARIO(what_leftovers_fail_with_is_reported) {
  const auto task = aio::create_task(fail_when_cancelled());
  co_await aio::sleep(1ms);
  trace("main ends", task.done());
}

SCENARIO(run_inside_a_run_is_refused) {
  trace(attempt([] { aio::run(never()); }));
  co_return;
}
