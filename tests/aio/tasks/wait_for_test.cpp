#include <doctest/doctest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"
#include "support/timed_out.hpp"

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using aio::Future;
using aio::Task;
using aio::TimeoutError;
using support::now;
using support::Outcome;
using support::outcome_of;
using support::Reports;
using support::timed_out;
using support::turns;

namespace {

Coro<int> give_one_in_an_hour() { co_return co_await aio::sleep(1h, 1); }

/// What it slept for is cancelled; it cleans up for `cleanup` and lets the cancellation pass.
Coro<int> clean_up(aio::Duration cleanup, bool& cleaned) {
  std::optional<CancelledError> cancelled;
  try {
    co_await aio::sleep(1h);
  } catch (const CancelledError& error) {
    cancelled = error;
  }
  co_await aio::sleep(cleanup);
  cleaned = true;
  throw CancelledError(*cancelled);
}

Coro<int> return_when_cancelled(int value) {
  try {
    co_await aio::sleep(1h);
  } catch (const CancelledError&) {
  }
  co_return value;
}

Coro<int> fail_when_cancelled() {
  try {
    co_await aio::sleep(1h);
  } catch (const CancelledError&) {
    throw std::out_of_range("while cleaning up");
  }
  co_return 0;
}

}  // namespace

TEST_CASE("wait_for without a limit waits for ever and gives the result [F1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = now();
    const int of_coro = co_await aio::wait_for(give_one_in_an_hour(), std::nullopt);
    CHECK(of_coro == 1);
    CHECK(now() == start + 1h);
    const auto task = aio::create_task(give_one_in_an_hour());
    const int of_task = co_await aio::wait_for(task, std::nullopt);
    CHECK(of_task == 1);
    co_await aio::wait_for(aio::sleep(1h), std::nullopt);
    CHECK(now() == start + 3h);
    co_await aio::wait_for(aio::sleep(1h), std::optional<std::chrono::seconds>());
  });
}

TEST_CASE("wait_for gives what comes in time whatever is awaited [F1]") {
  aio::testing::run([]() -> Coro<void> {
    const int of_coro = co_await aio::wait_for(give_one_in_an_hour(), 2h);
    CHECK(of_coro == 1);
    const std::string of_sleep = co_await aio::wait_for(aio::sleep(1s, std::string("slept")), 2s);
    CHECK(of_sleep == "slept");
    const auto future = aio::get_running_loop().create_future<std::unique_ptr<int>>();
    aio::get_running_loop().call_later(1s,
                                       [future] { future.set_result(std::make_unique<int>(4)); });
    const std::unique_ptr<int> of_future = co_await aio::wait_for(future, 2s);
    CHECK(*of_future == 4);
    const auto nothing = aio::create_task(turns(2));
    co_await aio::wait_for(nothing, 2s);
    const auto fail = []() -> Coro<void> {
      co_await aio::sleep(0);
      throw std::out_of_range("its own");
    };
    const Outcome of_failing = co_await outcome_of(aio::wait_for(fail(), 2s));
    CHECK(of_failing.threw<std::out_of_range>());
    const Outcome of_failing_task =
        co_await outcome_of(aio::wait_for(aio::create_task(fail()), 2s));
    CHECK(of_failing_task.threw<std::out_of_range>());
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("the time of wait_for runs from the await [F1]") {
  aio::testing::run([]() -> Coro<void> {
    auto waits = aio::wait_for(aio::sleep(1s), 2s);
    co_await aio::sleep(1h);
    co_await std::move(waits);
  });
}

TEST_CASE("with no time at all a future that is done gives its result [F2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = aio::get_running_loop().create_future<std::string>();
    future.set_result("done");
    const std::string at_zero = co_await aio::wait_for(future, 0);
    CHECK(at_zero == "done");
    const std::string below = co_await aio::wait_for(future, -1s);
    CHECK(below == "done");
    const auto failed = aio::get_running_loop().create_future<int>();
    failed.set_exception(std::out_of_range("its own"));
    const Outcome outcome = co_await outcome_of(aio::wait_for(failed, 0));
    CHECK(outcome.threw<std::out_of_range>());
    const auto cancelled = aio::get_running_loop().create_future<int>();
    cancelled.cancel("its own");
    const Outcome of_cancelled = co_await outcome_of(aio::wait_for(cancelled, 0));
    CHECK(of_cancelled.cancelled.has_value());
  });
}

TEST_CASE("with no time at all a coroutine never starts [F2]") {
  aio::testing::run([]() -> Coro<void> {
    int started = 0;
    const auto body = [&started]() -> Coro<int> {
      ++started;
      co_return 1;
    };
    for (const auto timeout : {0s, -1s}) {
      const Outcome outcome = co_await outcome_of(aio::wait_for(body(), timeout));
      CHECK(timed_out(outcome));
    }
    const auto start = now();
    const Outcome of_sleep = co_await outcome_of(aio::wait_for(aio::sleep(1h), 0));
    CHECK(timed_out(of_sleep));
    CHECK(now() == start);
    CHECK(started == 0);
    CHECK(aio::all_tasks().size() == 1);
  });
}

TEST_CASE("with no time at all a task that runs is cancelled and awaited [F2]") {
  aio::testing::run([]() -> Coro<void> {
    for (const auto timeout : {0s, -1s}) {
      bool cleaned = false;
      const auto task = aio::create_task(clean_up(1s, cleaned));
      co_await turns(1);
      const auto start = now();
      const Outcome outcome = co_await outcome_of(aio::wait_for(task, timeout));
      CHECK(timed_out(outcome));
      CHECK(cleaned);
      CHECK(task.cancelled());
      CHECK(now() == start + 1s);
      CHECK(aio::current_task().cancelling() == 0);
    }
    const auto future = aio::get_running_loop().create_future<int>();
    const Outcome outcome = co_await outcome_of(aio::wait_for(future, 0));
    CHECK(timed_out(outcome));
    CHECK(future.cancelled());
  });
}

TEST_CASE("a cancellation while a task is awaited that had no time is not lost [F2 F7]") {
  aio::testing::run([]() -> Coro<void> {
    bool cleaned = false;
    const auto inner = aio::create_task(clean_up(1s, cleaned));
    co_await turns(1);
    const auto outer = aio::create_task(aio::wait_for(inner, 0));
    co_await turns(2);
    outer.cancel("from outside");
    const Outcome outcome = co_await outcome_of(outer);
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "from outside");
    CHECK_FALSE(inner.done());  // it was cancelled, and cleans up alone
    co_await aio::sleep(2s);
    CHECK(inner.cancelled());
    CHECK(cleaned);
  });
}

TEST_CASE("when the time is up the task is cancelled and its cleanup awaited [F3]") {
  aio::testing::run([]() -> Coro<void> {
    bool cleaned = false;
    const auto start = now();
    const auto task = aio::create_task(clean_up(5s, cleaned));
    const Outcome of_task = co_await outcome_of(aio::wait_for(task, 1s));
    CHECK(timed_out(of_task));
    CHECK(cleaned);
    CHECK(task.cancelled());
    CHECK(now() == start + 6s);

    cleaned = false;
    const Outcome of_coro = co_await outcome_of(aio::wait_for(clean_up(5s, cleaned), 1s));
    CHECK(timed_out(of_coro));
    CHECK(cleaned);
    CHECK(now() == start + 12s);
    CHECK(aio::current_task().cancelling() == 0);

    const auto future = aio::get_running_loop().create_future<int>();
    const Outcome of_future = co_await outcome_of(aio::wait_for(future, 1s));
    CHECK(timed_out(of_future));
    CHECK(future.cancelled());
    const auto gather = aio::gather(give_one_in_an_hour(), give_one_in_an_hour());
    const Outcome of_gather = co_await outcome_of(aio::wait_for(gather, 1s));
    CHECK(timed_out(of_gather));
    const auto other = aio::gather(give_one_in_an_hour(), give_one_in_an_hour());
    const Outcome at_once = co_await outcome_of(aio::wait_for(other, 0));
    CHECK(timed_out(at_once));
  });
}

TEST_CASE("a value that is returned in spite of the cancellation is given [F4]") {
  aio::testing::run([]() -> Coro<void> {
    const int of_coro = co_await aio::wait_for(return_when_cancelled(42), 1s);
    CHECK(of_coro == 42);
    const int of_task = co_await aio::wait_for(aio::create_task(return_when_cancelled(43)), 1s);
    CHECK(of_task == 43);
    const auto running = aio::create_task(return_when_cancelled(44));
    co_await turns(1);
    const int at_once = co_await aio::wait_for(running, 0);
    CHECK(at_once == 44);
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("another exception that the cancellation leads to is thrown [F4]") {
  aio::testing::run([]() -> Coro<void> {
    const Outcome of_coro = co_await outcome_of(aio::wait_for(fail_when_cancelled(), 1s));
    CHECK(of_coro.threw<std::out_of_range>());
    const Outcome of_task =
        co_await outcome_of(aio::wait_for(aio::create_task(fail_when_cancelled()), 1s));
    CHECK(of_task.threw<std::out_of_range>());
    const auto running = aio::create_task(fail_when_cancelled());
    co_await turns(1);
    const Outcome at_once = co_await outcome_of(aio::wait_for(running, 0));
    CHECK(at_once.threw<std::out_of_range>());
  });
}

TEST_CASE("cancelling wait_for cancels what it waits for [F5]") {
  aio::testing::run([]() -> Coro<void> {
    for (const auto timeout : {std::optional<std::chrono::seconds>(), std::optional(60s)}) {
      const auto inner = aio::create_task(give_one_in_an_hour());
      const auto outer = aio::create_task(aio::wait_for(inner, timeout));
      co_await turns(2);
      outer.cancel("from outside");
      const Outcome outcome = co_await outcome_of(outer);
      REQUIRE(outcome.cancelled.has_value());
      CHECK(outcome.cancelled->message() == "from outside");
      CHECK(inner.cancelled());
      CHECK(outer.cancelled());
    }
  });
}

TEST_CASE("cancelling wait_for waits for the cleanup of what it cancels [F5]") {
  aio::testing::run([]() -> Coro<void> {
    bool cleaned = false;
    const auto outer = aio::create_task(aio::wait_for(clean_up(5s, cleaned), 1h));
    co_await aio::sleep(1s);
    outer.cancel();
    const auto start = now();
    const Outcome outcome = co_await outcome_of(outer);
    CHECK(outcome.cancelled.has_value());
    CHECK(cleaned);
    CHECK(now() == start + 5s);
  });
}

TEST_CASE("a result that is set in the turn before the timeout counts [F6]") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = aio::get_running_loop().create_future<std::string>();
    aio::get_running_loop().call_soon([future] { future.set_result("ok"); });
    const std::string result = co_await aio::wait_for(future, 1ns);
    CHECK(result == "ok");
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("a result that is set in the turn of the timeout counts [F6]") {
  aio::testing::run([]() -> Coro<void> {
    aio::EventLoop& loop = aio::get_running_loop();
    const auto future = loop.create_future<std::string>();
    loop.call_later(1s, [future] { future.set_result("ok"); });
    const std::string result = co_await aio::wait_for(future, 1s);
    CHECK(result == "ok");
    CHECK(aio::current_task().cancelling() == 0);

    const auto failing = loop.create_future<int>();
    loop.call_later(1s, [failing] { failing.set_exception(std::out_of_range("its own")); });
    const Outcome outcome = co_await outcome_of(aio::wait_for(failing, 1s));
    CHECK(outcome.threw<std::out_of_range>());
    co_await turns(2);
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("a timeout that comes before the result in the same turn counts [F6]") {
  aio::testing::run([]() -> Coro<void> {
    aio::EventLoop& loop = aio::get_running_loop();
    const auto future = loop.create_future<int>();
    const auto deadline = now() + 1s;
    const auto waits = aio::create_task(outcome_of(aio::wait_for(future, 1s)));
    co_await turns(1);
    loop.call_at(deadline, [future] { CHECK(future.cancelled()); });
    const Outcome outcome = co_await waits;
    CHECK(timed_out(outcome));
  });
}

TEST_CASE("a cancellation is not lost when the inner ends in the same turn [F7]") {
  aio::testing::run([]() -> Coro<void> {
    bool reached_end = false;
    const auto inner_body = []() -> Coro<std::string> { co_return "done"; };
    const auto inner = aio::create_task(inner_body);
    const auto outer_body = [&]() -> Coro<void> {
      static_cast<void>(co_await aio::wait_for(inner, 100s));
      co_await aio::sleep(1s);
      reached_end = true;
    };
    const auto outer = aio::create_task(outer_body);
    co_await turns(1);
    outer.cancel();
    const Outcome outcome = co_await outcome_of(outer);
    CHECK(outcome.cancelled.has_value());
    CHECK(inner.result() == "done");
    CHECK_FALSE(reached_end);
  });
}

TEST_CASE("a cancellation is not lost when result and timeout come in the same turn [F7]") {
  aio::testing::run([]() -> Coro<void> {
    aio::EventLoop& loop = aio::get_running_loop();
    const auto future = loop.create_future<int>();
    const auto deadline = now() + 1s;
    loop.call_at(deadline, [future] { future.set_result(1); });
    const auto outer = aio::create_task(aio::wait_for(future, 1s));
    loop.call_at(deadline, [outer] { outer.cancel(); });
    const Outcome outcome = co_await outcome_of(outer);
    CHECK(outcome.cancelled.has_value());
    CHECK(outer.cancelled());
    CHECK(outer.cancelling() == 1);
  });
}

TEST_CASE("what is shielded survives the timeout [F8]") {
  aio::testing::run([]() -> Coro<void> {
    const auto inner = aio::create_task(give_one_in_an_hour());
    const Outcome late = co_await outcome_of(aio::wait_for(aio::shield(inner), 1s));
    CHECK(timed_out(late));
    CHECK_FALSE(inner.done());
    const auto shielded = aio::shield(inner);
    const Outcome at_once = co_await outcome_of(aio::wait_for(shielded, 0));
    CHECK(timed_out(at_once));
    CHECK(shielded.cancelled());
    CHECK_FALSE(inner.done());
    CHECK(inner.cancelling() == 0);
    const int value = co_await aio::wait_for(aio::shield(inner), std::nullopt);
    CHECK(value == 1);
  });
}

TEST_CASE("the failure of a future that was waited for is not reported as unseen") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const Outcome outcome =
        co_await outcome_of(aio::wait_for(aio::create_task(fail_when_cancelled()), 1s));
    CHECK(outcome.threw<std::out_of_range>());
    co_await turns(2);
  }());
  CHECK(reports.messages.empty());
}
