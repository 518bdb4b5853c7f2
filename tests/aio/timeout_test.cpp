#include "aio/timeout.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using aio::RuntimeError;
using aio::Timeout;
using aio::TimeoutError;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

aio::TimePoint now() { return aio::get_running_loop().time(); }

Coro<void> sleep_an_hour() { co_await aio::sleep(1h); }

/// Whether it is a TimeoutError with a CancelledError nested.
bool is_timeout_after_cancel(const Outcome& outcome) {
  try {
    if (outcome.failed) std::rethrow_exception(outcome.failed);
  } catch (const TimeoutError& error) {
    try {
      std::rethrow_if_nested(error);
    } catch (const CancelledError&) {
      return true;
    }
  } catch (...) {
  }
  return false;
}

/// What `scope.reschedule` complains about.
std::string complaint_of_reschedule(Timeout& scope, std::optional<aio::TimePoint> when) {
  try {
    scope.reschedule(when);
  } catch (const RuntimeError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a body that ends in time gives its value and the scope has not expired [O1]") {
  aio::testing::run([]() -> Coro<void> {
    bool was_expired = true;
    const auto body = [&](Timeout& scope) -> Coro<std::string> {
      co_await aio::sleep(999ms);
      was_expired = scope.expired();
      co_return "value";
    };
    const auto start = now();
    Timeout scope = aio::timeout(1s);
    const std::string value = co_await aio::with(scope, body);
    CHECK(value == "value");
    CHECK_FALSE(was_expired);
    CHECK_FALSE(scope.expired());
    CHECK(scope.when() == start + 1s);
    co_await aio::sleep(1h);  // past the deadline of what is over
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("expiry cancels the body and the exit makes it a TimeoutError that nests it [O1]") {
  aio::testing::run([]() -> Coro<void> {
    bool seen = false;
    std::optional<unsigned> cancelling;
    const auto body = [&](Timeout& scope) -> Coro<int> {
      try {
        co_await aio::sleep(1h);
      } catch (const CancelledError&) {
        seen = scope.expired();
        cancelling = aio::current_task().cancelling();
        throw;
      }
      co_return 1;
    };
    const auto start = now();
    Timeout scope = aio::timeout(1s);
    const Outcome outcome = co_await outcome_of(aio::with(scope, body));
    CHECK(is_timeout_after_cancel(outcome));
    CHECK(now() == start + 1s);
    CHECK(seen);
    CHECK(cancelling == 1);
    CHECK(scope.expired());
    CHECK(aio::current_task().cancelling() == 0);
    co_await aio::sleep(1h);  // the task is none the worse for it
  });
}

TEST_CASE("a task whose scope expired is not cancelled and returns [O1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<bool> {
      const Outcome outcome =
          co_await outcome_of(aio::with(aio::timeout(1s), [] { return sleep_an_hour(); }));
      co_return is_timeout_after_cancel(outcome);
    };
    const auto task = aio::create_task(body);
    const bool timed_out = co_await task;
    CHECK(timed_out);
    CHECK_FALSE(task.cancelled());
    CHECK(task.cancelling() == 0);
  });
}

TEST_CASE("timeout_at takes a deadline on the clock of the loop [O1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto deadline = now() + 1s;
    co_await aio::sleep(400ms);
    Timeout scope = aio::timeout_at(deadline);
    const Outcome outcome = co_await outcome_of(aio::with(scope, sleep_an_hour));
    CHECK(is_timeout_after_cancel(outcome));
    CHECK(now() == deadline);
    CHECK(scope.when() == deadline);
  });
}

TEST_CASE("the time of timeout runs from the call and not from the entry [O1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = now();
    Timeout scope = aio::timeout(1s);
    co_await aio::sleep(400ms);
    const Outcome outcome = co_await outcome_of(aio::with(scope, sleep_an_hour));
    CHECK(outcome.threw<TimeoutError>());
    CHECK(now() == start + 1s);
  });
}

TEST_CASE("no limit means none for timeout and timeout_at [O2]") {
  aio::testing::run([]() -> Coro<void> {
    std::vector<Timeout> scopes;
    scopes.push_back(aio::timeout(std::nullopt));
    scopes.push_back(aio::timeout_at(std::nullopt));
    for (Timeout& scope : scopes) {
      CHECK_FALSE(scope.when().has_value());
      co_await aio::with(scope, sleep_an_hour);
      CHECK_FALSE(scope.expired());
      CHECK_FALSE(scope.when().has_value());
    }
  });
}

TEST_CASE("reschedule moves the deadline of an active scope or takes it away [O2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = now();
    const auto later = [&](Timeout& scope) -> Coro<void> {
      scope.reschedule(start + 3s);
      CHECK(scope.when() == start + 3s);
      co_await aio::sleep(2s);
      CHECK_FALSE(scope.expired());
      co_await aio::sleep(1h);
    };
    const Outcome outcome = co_await outcome_of(aio::with(aio::timeout(1s), later));
    CHECK(outcome.threw<TimeoutError>());
    CHECK(now() == start + 3s);

    const auto never = [](Timeout& scope) -> Coro<void> {
      scope.reschedule(std::nullopt);
      CHECK_FALSE(scope.when().has_value());
      co_await aio::sleep(1h);
    };
    co_await aio::with(aio::timeout(1s), never);

    const auto sooner = [](Timeout& scope) -> Coro<void> {
      scope.reschedule(now() + 1s);
      co_await aio::sleep(1h);
    };
    const auto again = now();
    const Outcome soon = co_await outcome_of(aio::with(aio::timeout(std::nullopt), sooner));
    CHECK(soon.threw<TimeoutError>());
    CHECK(now() == again + 1s);
  });
}

TEST_CASE("another task may reschedule a scope that is active [O2]") {
  aio::testing::run([]() -> Coro<void> {
    Timeout scope = aio::timeout(1s);
    const auto task = aio::create_task(outcome_of(aio::with(scope, sleep_an_hour)));
    co_await aio::sleep(500ms);
    scope.reschedule(now());
    const auto at = now();
    const Outcome outcome = co_await task;
    CHECK(outcome.threw<TimeoutError>());
    CHECK(now() == at);
  });
}

TEST_CASE("reschedule is refused before the entry and once the scope expires or is over [O2]") {
  aio::testing::run([]() -> Coro<void> {
    Timeout scope = aio::timeout(1s);
    CHECK(complaint_of_reschedule(scope, now() + 1h) == "Timeout has not been entered");
    CHECK(scope.when() == now() + 1s);
    std::string expiring;
    const auto body = [&](Timeout& inside) -> Coro<void> {
      try {
        co_await aio::sleep(1h);
      } catch (const CancelledError&) {
        expiring = complaint_of_reschedule(inside, std::nullopt);
        throw;
      }
    };
    const Outcome outcome = co_await outcome_of(aio::with(scope, body));
    CHECK(outcome.threw<TimeoutError>());
    CHECK(expiring == "Cannot change state of expiring Timeout");
    const std::string expired = complaint_of_reschedule(scope, std::nullopt);
    CHECK(expired == "Cannot change state of expired Timeout");
    CHECK(scope.when().has_value());

    Timeout in_time = aio::timeout(1s);
    co_await aio::with(in_time, [] { return turns(1); });
    const std::string finished = complaint_of_reschedule(in_time, now() + 1h);
    CHECK(finished == "Cannot change state of finished Timeout");
  });
}

TEST_CASE("a deadline of zero or in the past passes at the first await even sleep zero [O3]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = now();
    co_await aio::sleep(1s);
    const auto body = [](bool& went_on) -> Coro<void> {
      went_on = false;
      const auto turn = aio::get_running_loop().turn_count();
      try {
        co_await aio::sleep(0);
        went_on = true;
      } catch (const CancelledError&) {
        CHECK(aio::get_running_loop().turn_count() == turn + 1);
        throw;
      }
    };
    std::vector<Timeout> scopes;
    scopes.push_back(aio::timeout(0));
    scopes.push_back(aio::timeout(0s));
    scopes.push_back(aio::timeout(-11s));
    scopes.push_back(aio::timeout_at(start));
    for (Timeout& scope : scopes) {
      bool went_on = false;
      const auto bound = [&] { return body(went_on); };
      const Outcome outcome = co_await outcome_of(aio::with(scope, bound));
      CHECK(is_timeout_after_cancel(outcome));
      CHECK_FALSE(went_on);
      CHECK(scope.expired());
    }
    CHECK(now() == start + 1s);
  });
}

TEST_CASE("an overdue scope whose body never suspends does not expire [O3]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<int> { co_return 7; };
    Timeout scope = aio::timeout(0);
    const int value = co_await aio::with(scope, body);
    CHECK(value == 7);
    CHECK_FALSE(scope.expired());
    co_await turns(3);
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("another exception passes an unexpired scope unchanged [O4]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      throw std::out_of_range("mine");
      co_return;
    };
    Timeout scope = aio::timeout(1s);
    const Outcome outcome = co_await outcome_of(aio::with(scope, body));
    CHECK(outcome.threw<std::out_of_range>());
    CHECK_FALSE(scope.expired());
  });
}

TEST_CASE("another exception while the scope expires passes and the cancel is undone [O4]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      try {
        co_await aio::sleep(1h);
      } catch (const CancelledError&) {
        throw std::out_of_range("while cleaning up");
      }
    };
    Timeout scope = aio::timeout(1s);
    const Outcome outcome = co_await outcome_of(aio::with(scope, body));
    CHECK(outcome.threw<std::out_of_range>());
    CHECK_FALSE(outcome.threw<TimeoutError>());
    CHECK(scope.expired());
    CHECK(aio::current_task().cancelling() == 0);
    co_await turns(2);
  });
}

TEST_CASE("a cancellation from outside an unexpired scope stays one [O5]") {
  aio::testing::run([]() -> Coro<void> {
    Timeout scope = aio::timeout(10s);
    const auto task = aio::create_task(aio::with(scope, sleep_an_hour));
    co_await aio::sleep(1s);
    task.cancel("from outside");
    const Outcome outcome = co_await outcome_of(task);
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "from outside");
    CHECK(task.cancelled());
    CHECK(task.cancelling() == 1);
    CHECK_FALSE(scope.expired());
  });
}

TEST_CASE("a CancelledError that the body makes up stays one in an unexpired scope [O5]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      throw CancelledError("made up");
      co_return;
    };
    const Outcome outcome = co_await outcome_of(aio::with(aio::timeout(10s), body));
    CHECK(outcome.cancelled.has_value());
  });
}

TEST_CASE("of nested scopes with equal deadlines only the outermost throws TimeoutError [O6]") {
  aio::testing::run([]() -> Coro<void> {
    const auto deadline = now() + 1s;
    Timeout outer = aio::timeout_at(deadline);
    Timeout middle = aio::timeout_at(deadline);
    Timeout inner = aio::timeout_at(deadline);
    Outcome of_inner;
    Outcome of_middle;
    const auto in_middle = [&]() -> Coro<void> {
      of_inner = co_await outcome_of(aio::with(inner, sleep_an_hour));
      throw CancelledError(*of_inner.cancelled);
    };
    const auto in_outer = [&]() -> Coro<void> {
      of_middle = co_await outcome_of(aio::with(middle, in_middle));
      throw CancelledError(*of_middle.cancelled);
    };
    const Outcome of_outer = co_await outcome_of(aio::with(outer, in_outer));
    CHECK(of_inner.cancelled.has_value());
    CHECK(of_middle.cancelled.has_value());
    CHECK(is_timeout_after_cancel(of_outer));
    CHECK(inner.expired());
    CHECK(middle.expired());
    CHECK(outer.expired());
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("a scope inside one that expires first sees a cancellation and has not expired [O6]") {
  aio::testing::run([]() -> Coro<void> {
    Timeout inner = aio::timeout(2s);
    Outcome of_inner;
    const auto in_outer = [&]() -> Coro<void> {
      of_inner = co_await outcome_of(aio::with(inner, sleep_an_hour));
      throw CancelledError(*of_inner.cancelled);
    };
    const Outcome of_outer = co_await outcome_of(aio::with(aio::timeout(1s), in_outer));
    CHECK(of_inner.cancelled.has_value());
    CHECK_FALSE(inner.expired());
    CHECK(of_outer.threw<TimeoutError>());
  });
}

TEST_CASE("of two scopes overdue after blocking code the inner throws and then the outer [O7]") {
  aio::run([]() -> Coro<void> {
    const auto deadline = now() + 20ms;
    Timeout outer = aio::timeout_at(deadline);
    Timeout inner = aio::timeout_at(deadline - 10ms);
    Outcome of_inner;
    Outcome of_next;
    const auto block = [&]() -> Coro<void> {
      while (now() <= deadline) std::this_thread::sleep_for(1ms);
      co_await aio::sleep(1h);
    };
    const auto in_outer = [&]() -> Coro<void> {
      of_inner = co_await outcome_of(aio::with(inner, block));
      CHECK_FALSE(outer.expired());
      of_next = co_await outcome_of(aio::sleep(1h));
      throw CancelledError(*of_next.cancelled);
    };
    const Outcome of_outer = co_await outcome_of(aio::with(outer, in_outer));
    CHECK(is_timeout_after_cancel(of_inner));
    CHECK(of_next.cancelled.has_value());
    CHECK(is_timeout_after_cancel(of_outer));
    CHECK(inner.expired());
    CHECK(outer.expired());
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("three scopes overdue after blocking code throw one after the other [O7]") {
  aio::run([]() -> Coro<void> {
    const auto deadline = now() + 20ms;
    std::vector<Outcome> outcomes;
    const auto block = [&]() -> Coro<void> {
      while (now() <= deadline) std::this_thread::sleep_for(1ms);
      co_await aio::sleep(1h);
    };
    const auto in_middle = [&]() -> Coro<void> {
      outcomes.push_back(co_await outcome_of(aio::with(aio::timeout_at(deadline - 10ms), block)));
      co_await aio::sleep(1h);
    };
    const auto in_outer = [&]() -> Coro<void> {
      outcomes.push_back(
          co_await outcome_of(aio::with(aio::timeout_at(deadline - 5ms), in_middle)));
      co_await aio::sleep(1h);
    };
    outcomes.push_back(co_await outcome_of(aio::with(aio::timeout_at(deadline), in_outer)));
    REQUIRE(outcomes.size() == 3);
    for (const Outcome& outcome : outcomes) CHECK(is_timeout_after_cancel(outcome));
  });
}

TEST_CASE("an overdue outer scope fires though what the inner cancelled goes on cleaning up [O7]") {
  aio::run([]() -> Coro<void> {
    const auto deadline = now() + 20ms;
    int cancels = 0;
    const auto clean_up_for_long = [&]() -> Coro<void> {
      for (;;) {
        try {
          co_await aio::sleep(1h);
        } catch (const CancelledError&) {
          if (++cancels == 2) throw;
        }
      }
    };
    const auto task = aio::create_task(clean_up_for_long);
    const auto block = [&]() -> Coro<void> {
      co_await aio::sleep(0);
      while (now() <= deadline) std::this_thread::sleep_for(1ms);
      co_await task;
    };
    const auto in_outer = [&] { return aio::with(aio::timeout_at(deadline - 10ms), block); };
    const Outcome outcome = co_await outcome_of(aio::with(aio::timeout_at(deadline), in_outer));
    CHECK(cancels == 2);
    CHECK(outcome.threw<TimeoutError>());
  });
}

TEST_CASE("a scope works in a task that swallowed a cancellation before [O8]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      const Outcome swallowed = co_await outcome_of(aio::sleep(1h));
      CHECK(swallowed.cancelled.has_value());
      CHECK(aio::current_task().cancelling() == 1);
      const Outcome overdue = co_await outcome_of(aio::with(aio::timeout(0), sleep_an_hour));
      CHECK(is_timeout_after_cancel(overdue));
      const Outcome late = co_await outcome_of(aio::with(aio::timeout(1s), sleep_an_hour));
      CHECK(is_timeout_after_cancel(late));
      CHECK(aio::current_task().cancelling() == 1);
      const auto cancels_itself = []() -> Coro<void> {
        aio::current_task().cancel();
        co_await aio::sleep(1h);
      };
      const Outcome own = co_await outcome_of(aio::with(aio::timeout(1s), cancels_itself));
      CHECK(own.cancelled.has_value());
    };
    const auto task = aio::create_task(body);
    co_await turns(1);
    task.cancel();
    co_await task;
  });
}

TEST_CASE("a cancellation from outside while the scope expires wins [O9]") {
  aio::testing::run([]() -> Coro<void> {
    Timeout scope = aio::timeout(1s);
    bool cleaned = false;
    const auto body = [&]() -> Coro<void> {
      try {
        co_await aio::sleep(1h);
      } catch (const CancelledError&) {
        cleaned = true;
      }
      co_await aio::sleep(1s);
    };
    const auto task = aio::create_task(aio::with(scope, body));
    co_await aio::sleep(1500ms);
    CHECK(cleaned);
    CHECK(scope.expired());
    task.cancel("from outside");
    const Outcome outcome = co_await outcome_of(task);
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "from outside");
    CHECK(task.cancelling() == 1);
  });
}

TEST_CASE("a cancellation from outside in the turn of the expiry wins [O9]") {
  for (const bool cancel_first : {true, false}) {
    CAPTURE(cancel_first);
    aio::testing::run([&]() -> Coro<void> {
      aio::EventLoop& loop = aio::get_running_loop();
      const auto deadline = loop.time() + 1s;
      Timeout scope = aio::timeout_at(deadline);
      const auto task = aio::create_task(aio::with(scope, sleep_an_hour));
      const auto cancel = [&task] { task.cancel("from outside"); };
      if (cancel_first) loop.call_at(deadline, cancel);
      co_await turns(1);  // the scope is entered
      if (!cancel_first) loop.call_at(deadline, cancel);
      const Outcome outcome = co_await outcome_of(task);
      CHECK(outcome.cancelled.has_value());
      CHECK(task.cancelled());
      CHECK(task.cancelling() == 1);
      CHECK(scope.expired());
    });
  }
}

TEST_CASE("a scope is entered once [O10]") {
  aio::testing::run([]() -> Coro<void> {
    Timeout scope = aio::timeout(1s);
    bool ran = false;
    const auto body = [&ran]() -> Coro<void> {
      ran = true;
      co_return;
    };
    std::string complaint;
    const auto enter_again = [&](Timeout& inside) -> Coro<void> {
      try {
        co_await aio::with(inside, body);
      } catch (const RuntimeError& error) {
        complaint = error.what();
      }
    };
    co_await aio::with(scope, enter_again);
    CHECK(complaint == "Timeout has already been entered");
    const Outcome after = co_await outcome_of(aio::with(scope, body));
    CHECK(after.threw<RuntimeError>());
    CHECK_FALSE(ran);
    CHECK_FALSE(scope.expired());
  });
}

TEST_CASE("a scope needs a running loop and is entered in a task only [O10]") {
  CHECK_THROWS_AS(aio::timeout(1s), RuntimeError);
  CHECK_THROWS_AS(aio::timeout(std::nullopt), RuntimeError);
  Timeout scope = aio::timeout_at(std::nullopt);
  { const auto dropped = scope.enter(); }  // what enters is a coroutine, and those run in tasks
  CHECK(complaint_of_reschedule(scope, std::nullopt) == "Timeout has not been entered");
  aio::testing::run([&]() -> Coro<void> { co_await aio::with(scope, [] { return turns(1); }); });
  CHECK(complaint_of_reschedule(scope, std::nullopt) == "Cannot change state of finished Timeout");
}

TEST_CASE("a body that ends without exception while the scope expires is no error [O11]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<int> {
      const Outcome swallowed = co_await outcome_of(aio::sleep(1h));
      CHECK(swallowed.cancelled.has_value());
      co_return 5;
    };
    Timeout scope = aio::timeout(1s);
    const int value = co_await aio::with(scope, body);
    CHECK(value == 5);
    CHECK(scope.expired());
    CHECK(aio::current_task().cancelling() == 0);
    co_await turns(3);  // no cancellation is left over
  });
}

TEST_CASE("a body that goes on after it swallowed the expiry is not cancelled again [O11]") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      const Outcome swallowed = co_await outcome_of(aio::sleep(1h));
      CHECK(swallowed.cancelled.has_value());
      co_await aio::sleep(1h);
    };
    const auto start = now();
    co_await aio::with(aio::timeout(1s), body);
    CHECK(now() == start + 1s + 1h);
  });
}

TEST_CASE("a delay that is not a number is a ValueError") {
  aio::testing::run([]() -> Coro<void> {
    CHECK_THROWS_AS(aio::timeout(std::chrono::duration<double>(std::nan(""))), aio::ValueError);
    Timeout forever = aio::timeout(std::chrono::hours::max());
    CHECK(forever.when() == aio::TimePoint::max());
    Timeout maybe = aio::timeout(std::optional<std::chrono::seconds>(2s));
    CHECK(maybe.when() == now() + 2s);
    co_return;
  });
}
