#include "aio/timeout.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"
#include "support/timed_out.hpp"

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using aio::RuntimeError;
using aio::Timeout;
using aio::TimeoutError;
using support::now;
using support::Outcome;
using support::outcome_of;
using support::sleep_an_hour;
using support::timed_out;
using support::turns;

namespace {

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
    CHECK(timed_out(outcome));
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
      co_return timed_out(outcome);
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
    CHECK(timed_out(outcome));
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
      CHECK(timed_out(outcome));
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
