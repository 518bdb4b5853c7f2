#include <doctest/doctest.h>

#include <string>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"
#include "support/loop_test.hpp"

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using aio::EventLoop;
using support::CapturedStderr;
using support::run_turns;
using support::sleep_an_hour;

TEST_CASE("a CancelledError says who cancelled and why and when") {
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(sleep_an_hour());
    aio::current_task().set_name("boss");
    co_await aio::sleep(90s);
    task.cancel("too slow");
    const auto asked = aio::get_running_loop().time();
    co_await aio::sleep(10s);
    const auto outcome = co_await support::outcome_of(task);
    REQUIRE(outcome.cancelled);
    CHECK(outcome.cancelled->message() == "too slow");
    CHECK(outcome.cancelled->cancelled_by() == "boss");
    CHECK(outcome.cancelled->when() == asked);
    CHECK(outcome.cancelled->describe() == "cancelled by 'boss': too slow");
  });
}

TEST_CASE("a CancelledError of anybody's making has the origin that it is given") {
  const CancelledError none;
  CHECK(none.message().empty());
  CHECK(none.cancelled_by().empty());
  CHECK(none.when() == aio::TimePoint());
  CHECK(none.describe() == "cancelled");
  const CancelledError timeout("1 s is over", "timeout", aio::TimePoint(5s));
  const CancelledError copy(timeout);
  CHECK(copy.cancelled_by() == "timeout");
  CHECK(copy.when() == aio::TimePoint(5s));
  CHECK(&copy.message() == &timeout.message());
  CHECK(CancelledError("now").when() > aio::TimePoint());
}

TEST_CASE("what is printed of a cancellation says who and why") {
  EventLoop loop;
  std::string printed;
  {
    const CapturedStderr captured;
    loop.call_soon([] { throw CancelledError("told to stop", "SIGINT"); });
    run_turns(loop, 1);
    printed = captured.text();
  }
  CHECK(printed == "aio: Exception in callback: cancelled by 'SIGINT': told to stop\n");
}
