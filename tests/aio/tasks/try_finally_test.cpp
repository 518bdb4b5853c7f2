#include "aio/try_finally.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"
#include "support/probe.hpp"

using namespace std::chrono_literals;
using aio::Coro;
using support::Outcome;
using support::outcome_of;
using support::sleep_an_hour;

namespace {

Coro<int> answer() {
  co_await aio::sleep(1s);
  co_return 42;
}

Coro<void> fail() {
  co_await aio::sleep(1s);
  throw std::runtime_error("body");
}

}  // namespace

TEST_CASE("the cleanup is awaited after a value and the value is kept") {
  aio::testing::run([]() -> Coro<void> {
    bool cleaned = false;
    const auto cleanup = [&cleaned]() -> Coro<void> {
      co_await aio::sleep(1s);
      cleaned = true;
    };
    const int value = co_await aio::try_finally(answer(), cleanup);
    CHECK(value == 42);
    CHECK(cleaned);
    cleaned = false;
    const int called = co_await aio::try_finally(answer, cleanup);
    CHECK(called == 42);
    CHECK(cleaned);
    cleaned = false;
    co_await aio::try_finally(aio::sleep(1s), cleanup);
    CHECK(cleaned);
  });
}

TEST_CASE("the cleanup is awaited after an exception and the exception is kept") {
  aio::testing::run([]() -> Coro<void> {
    bool cleaned = false;
    const Outcome outcome =
        co_await outcome_of(aio::try_finally(fail(), [&cleaned]() -> Coro<void> {
          co_await aio::sleep(1s);
          cleaned = true;
        }));
    CHECK(outcome.threw<std::runtime_error>());
    CHECK(cleaned);
  });
}

TEST_CASE("the cleanup of a cancelled body may wait and the cancellation goes on") {
  aio::testing::run([]() -> Coro<void> {
    const auto start = aio::get_running_loop().time();
    bool cleaned = false;
    const auto task =
        aio::create_task(aio::try_finally(sleep_an_hour(), [&cleaned]() -> Coro<void> {
          co_await aio::sleep(5s);
          cleaned = true;
        }));
    co_await aio::sleep(1s);
    task.cancel("enough");
    const Outcome outcome = co_await outcome_of(aio::Task<void>(task));
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "enough");
    CHECK(cleaned);
    CHECK(aio::get_running_loop().time() - start == 6s);
  });
}

TEST_CASE("a second cancellation reaches the cleanup") {
  aio::testing::run([]() -> Coro<void> {
    bool reached = false;
    const auto task =
        aio::create_task(aio::try_finally(sleep_an_hour(), [&reached]() -> Coro<void> {
          const Outcome outcome = co_await outcome_of(aio::sleep(5s));
          reached = outcome.cancelled && outcome.cancelled->message() == "second";
        }));
    co_await aio::sleep(1s);
    task.cancel("first");
    co_await aio::sleep(1s);
    task.cancel("second");
    const Outcome outcome = co_await outcome_of(aio::Task<void>(task));
    CHECK(reached);
    REQUIRE(outcome.cancelled.has_value());  // the cleanup kept its own to itself
    CHECK(outcome.cancelled->message() == "first");
  });
}

TEST_CASE("what the cleanup throws replaces what the body threw") {
  aio::testing::run([]() -> Coro<void> {
    const auto cleanup = []() -> Coro<void> {
      throw std::logic_error("cleanup");
      co_return;
    };
    const Outcome failed = co_await outcome_of(aio::try_finally(fail(), cleanup));
    CHECK(failed.threw<std::logic_error>());
    const Outcome returned = co_await outcome_of(aio::try_finally(answer(), cleanup));
    CHECK(returned.threw<std::logic_error>());
  });
}

TEST_CASE("a body that throws before its first await is followed by the cleanup too") {
  aio::testing::run([]() -> Coro<void> {
    bool cleaned = false;
    const auto body = []() -> Coro<std::unique_ptr<int>> {
      throw std::runtime_error("at once");
      co_return nullptr;
    };
    const Outcome outcome = co_await outcome_of(aio::try_finally(body, [&]() -> Coro<void> {
      cleaned = true;
      co_return;
    }));
    CHECK(outcome.threw<std::runtime_error>());
    CHECK(cleaned);
  });
}

TEST_CASE("neither runs before the await") {
  aio::testing::run([]() -> Coro<void> {
    int runs = 0;
    const auto count = [&runs]() -> Coro<void> {
      ++runs;
      co_return;
    };
    { const auto unawaited = aio::try_finally(count, count); }
    CHECK(runs == 0);
    co_await aio::try_finally(count, count);
    CHECK(runs == 2);
  });
}

TEST_CASE("body and cleanup with captures live until the end and are destroyed once") {
  support::Counts counts;
  aio::testing::run([&]() -> Coro<void> {
    const support::Probe probe(counts, 5);
    const auto body = [probe]() -> Coro<int> {
      co_await aio::sleep(1s);
      co_return probe.value;
    };
    const auto cleanup = [probe]() -> Coro<void> {
      co_await aio::sleep(1s);
      CHECK(probe.value == 5);
    };
    const int value = co_await aio::try_finally(body, cleanup);
    CHECK(value == 5);
  });
  CHECK(counts.made == 1);
  CHECK(counts.alive() == 0);
}
