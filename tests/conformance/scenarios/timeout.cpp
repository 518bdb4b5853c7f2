// timeout.

#include "scenario.hpp"

using namespace conformance;

static Coro<> refuse_and_fail(std::string name) {
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    trace(name, "refuses", at());
  }
  throw Boom(name);
}

static unsigned cancelling() { return aio::current_task().cancelling(); }

static std::string when(const aio::Timeout& scope) { return scope.when() ? "a time" : "none"; }

SCENARIO(a_scope_whose_time_is_up_raises_at_its_end) {
  aio::Timeout scope = aio::timeout(10ms);
  const auto body = [&]() -> Coro<> {
    try {
      co_await aio::sleep(1s);
    } catch (const aio::CancelledError&) {
      trace("body got", std::current_exception(), scope.expired(), cancelling());
      throw;
    }
  };
  try {
    co_await aio::with(scope, body);
  } catch (const aio::TimeoutError&) {
    trace("got", std::current_exception(), scope.expired(), cancelling(), at());
  }
  co_await aio::sleep(1ms);
  trace("goes on", at());
}

SCENARIO(a_scope_may_be_rescheduled) {
  aio::Timeout scope = aio::timeout(std::nullopt);
  const auto body = [&]() -> Coro<> {
    trace("when", when(scope));
    scope.reschedule(aio::get_running_loop().time() + 10ms);
    co_await aio::sleep(5ms);
    scope.reschedule(aio::get_running_loop().time() + 20ms);
    co_await aio::sleep(15ms);
    trace("still here", at());
    scope.reschedule(std::nullopt);
    co_await aio::sleep(1s);
  };
  co_await aio::with(scope, body);
  trace("left", scope.expired(), at());
  trace(attempt([&] { scope.reschedule(std::nullopt); }));
}

SCENARIO(a_scope_is_used_once) {
  aio::Timeout scope = aio::timeout(1s);
  trace(attempt([&] { scope.reschedule(std::nullopt); }));
  const auto inside = []() -> Coro<> {
    trace("inside");
    co_return;
  };
  for (int i = 0; i < 2; ++i) {
    auto use = aio::with(scope, inside);
    trace(co_await outcome(std::move(use)));
  }
}

static Coro<> sleep_inside() {
  trace("inside");
  co_await aio::sleep(0);
  trace("after one await");
  co_await aio::sleep(0);
  trace("never");
}

SCENARIO(a_deadline_in_the_past_strikes_at_the_first_await) {
  for (const auto delay : {0s, -1s}) {
    auto use = aio::with(aio::timeout(delay), sleep_inside);
    const std::string result = co_await outcome(std::move(use));
    trace(result, at());
  }
}

SCENARIO(other_exceptions_pass_a_scope) {
  const auto before = [] { return fail("before"); };
  const auto during = [] { return refuse_and_fail("during"); };
  auto first = aio::with(aio::timeout(10ms), before);
  trace(co_await outcome(std::move(first)));
  auto second = aio::with(aio::timeout(10ms), during);
  const std::string result = co_await outcome(std::move(second));
  trace(result, at());
  trace(cancelling());
}

static Coro<> sleep_10s() { co_await aio::sleep(10s); }
static Coro<> sleep_1s() { co_await aio::sleep(1s); }

SCENARIO(a_cancellation_in_time_stays_one) {
  const auto task = aio::create_task(aio::with(aio::timeout(1s), sleep_10s));
  co_await aio::sleep(10ms);
  task.cancel("because");
  const std::string result = co_await outcome(task);
  trace(result, task.cancelled(), task.cancelling(), at());
}

/// Sleeps inside two scopes, and says what comes out of each.
static Coro<> sleep_in_both(aio::Timeout& outer, aio::Timeout& inner) {
  const auto body = [&]() -> Coro<> {
    try {
      co_await aio::with(inner, sleep_1s);
    } catch (...) {
      trace("between", std::current_exception());
      throw;
    }
  };
  try {
    co_await aio::with(outer, body);
  } catch (...) {
    trace("outside", std::current_exception(), outer.expired(), inner.expired(), at());
  }
}

SCENARIO(of_nested_scopes_the_outer_one_raises) {
  const aio::TimePoint when(10ms);
  aio::Timeout outer = aio::timeout_at(when);
  aio::Timeout inner = aio::timeout_at(when);
  co_await sleep_in_both(outer, inner);
  trace(cancelling());
}

SCENARIO(an_outer_scope_expires_through_the_inner_one) {
  aio::Timeout outer = aio::timeout(10ms);
  aio::Timeout inner = aio::timeout(30ms);
  co_await sleep_in_both(outer, inner);
}

SCENARIO(an_inner_scope_expires_alone) {
  aio::Timeout outer = aio::timeout(30ms);
  aio::Timeout inner = aio::timeout(10ms);
  const auto body = [&]() -> Coro<> {
    try {
      co_await aio::with(inner, sleep_1s);
    } catch (const aio::TimeoutError&) {
      trace("inner", std::current_exception(), at());
    }
    co_await aio::sleep(10ms);
    trace("still inside", at());
  };
  co_await aio::with(outer, body);
  trace(outer.expired(), inner.expired());
}

static Coro<> swallow_and_sleep() {
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    trace("swallowed");
  }
  co_await aio::with(aio::timeout(10ms), sleep_1s);
}

SCENARIO(a_scope_works_after_a_swallowed_cancellation) {
  const auto task = aio::create_task(swallow_and_sleep());
  co_await turns(1);
  task.cancel();
  const std::string result = co_await outcome(task);
  trace(result, task.cancelling(), at());
}

static Coro<> sleep_although_expiring() {
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    trace("expiring", at());
  }
  co_await aio::sleep(1s);
}

SCENARIO(a_second_cancellation_while_expiring_wins) {
  const auto task = aio::create_task(aio::with(aio::timeout(10ms), sleep_although_expiring));
  co_await aio::sleep(20ms);
  task.cancel("because");
  const std::string result = co_await outcome(task);
  trace(result, task.cancelling(), at());
}

static Coro<> swallow() {
  try {
    co_await aio::sleep(1s);
  } catch (const aio::CancelledError&) {
    trace("swallowed", at());
  }
}

SCENARIO(a_body_that_swallows_its_expiry_is_no_error) {
  aio::Timeout scope = aio::timeout(10ms);
  co_await aio::with(scope, swallow);
  trace(scope.expired(), cancelling());
  co_await aio::sleep(1ms);
  trace("goes on", at());
}
