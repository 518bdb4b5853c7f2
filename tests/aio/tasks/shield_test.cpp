#include "aio/shield.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"

using namespace std::chrono_literals;
using aio::Coro;
using aio::Future;
using aio::Task;
using support::Outcome;
using support::outcome_of;
using support::Reports;
using support::turns;

namespace {

template <class T = int>
Future<T> make_future() {
  return aio::get_running_loop().create_future<T>();
}

}  // namespace

TEST_CASE("a shield passes the result of what it shields [H1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto inner = make_future();
    const auto outer = aio::shield(inner);
    CHECK_FALSE(outer.done());
    inner.set_result(42);
    const int result = co_await outer;
    CHECK(result == 42);
    CHECK(inner.result() == 42);
    const int of_coro = co_await aio::shield(aio::sleep(1s, 7));
    CHECK(of_coro == 7);
    co_await aio::shield(aio::sleep(1s));
    const auto make = []() -> Coro<std::unique_ptr<int>> {
      co_await aio::sleep(0);
      co_return std::make_unique<int>(3);
    };
    const std::unique_ptr<int> moved = co_await aio::shield(make());
    CHECK(*moved == 3);
  });
}

TEST_CASE("a shield passes the failure of what it shields [H1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto inner = make_future();
    const auto outer = aio::shield(inner);
    const auto failure = std::make_exception_ptr(std::out_of_range("its own"));
    inner.set_exception(failure);
    co_await turns(2);
    CHECK(outer.exception() == failure);
    CHECK_FALSE(outer.cancelled());
  });
}

TEST_CASE("a shield is cancelled when what it shields is cancelled [H1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto inner = make_future();
    const auto outer = aio::shield(inner);
    const auto waits = aio::create_task(outcome_of(outer));
    co_await turns(1);
    inner.cancel("its own");
    const Outcome outcome = co_await waits;
    CHECK(outer.cancelled());
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "its own");
  });
}

TEST_CASE("cancelling a shield leaves what it shields running [H2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto inner = make_future();
    const auto outer = aio::shield(inner);
    CHECK(outer.cancel());
    CHECK(outer.cancelled());
    CHECK_FALSE(outer.cancel());
    co_await turns(2);
    CHECK_FALSE(inner.done());
    inner.set_result(1);
    co_await turns(2);
    CHECK(inner.result() == 1);
    CHECK(outer.cancelled());
  });
}

TEST_CASE("who awaits a shield is cancelled at once and the shielded task goes on [H2]") {
  aio::testing::run([]() -> Coro<void> {
    int proof = 0;
    const auto inner_body = [&proof]() -> Coro<void> {
      co_await aio::sleep(1s);
      proof += 1;
    };
    const auto outer_body = [&]() -> Coro<void> {
      co_await aio::shield(inner_body());
      proof += 100;
    };
    const auto outer = aio::create_task(outer_body);
    co_await turns(2);
    const auto start = aio::get_running_loop().time();
    outer.cancel("from outside");
    const Outcome outcome = co_await outcome_of(outer);
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "from outside");
    CHECK(aio::get_running_loop().time() == start);
    CHECK(proof == 0);
    co_await aio::sleep(2s);
    CHECK(proof == 1);
  });
}

TEST_CASE("a cancelled shield whose inner is done already stays cancelled [H2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto inner = make_future();
    const auto outer = aio::shield(inner);
    inner.set_result(1);
    CHECK(outer.cancel());  // the result is on its way
    co_await turns(2);
    CHECK(outer.cancelled());
    CHECK(inner.result() == 1);
  });
}

TEST_CASE("a failure after the shield was cancelled is reported once [H3]") {
  for (const int shields : {1, 3}) {
    CAPTURE(shields);
    aio::EventLoop loop(aio::testing::virtual_time);
    Reports reports(loop);
    loop.run_until_complete([](const Reports& seen, int count) -> Coro<void> {
      const auto body = []() -> Coro<void> {
        co_await aio::sleep(1s);
        throw std::out_of_range("late");
      };
      auto inner = aio::create_task(body(), "inner");
      for (int i = 0; i < count; ++i) aio::shield(inner).cancel();
      co_await aio::sleep(2s);
      CHECK(seen.messages == std::vector<std::string>{"Task 'inner' exception in shielded future"});
      inner = {};
      co_await turns(2);
      CHECK(seen.messages.size() == 1);
    }(reports, shields));
    CHECK(reports.messages.size() == 1);
  }
}

TEST_CASE("a result or a cancellation after the shield was cancelled is silent [H3]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto returns = make_future();
    const auto cancelled = make_future();
    for (int i = 0; i < 2; ++i) {
      aio::shield(returns).cancel();
      aio::shield(cancelled).cancel();
    }
    returns.set_result(1);
    cancelled.cancel();
    co_await turns(3);
  }());
  CHECK(reports.messages.empty());
}

TEST_CASE("a failure that the remaining shields have shown is not reported [H3]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto inner = make_future();
    const auto kept = aio::shield(inner);
    aio::shield(inner).cancel();
    inner.set_exception(std::out_of_range("late"));
    const Outcome outcome = co_await outcome_of(kept);
    CHECK(outcome.threw<std::out_of_range>());
  }());
  CHECK(reports.messages.empty());
}

TEST_CASE("a failure that comes when the shield is dropped is reported once [H3]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      co_await aio::sleep(1s);
      throw std::out_of_range("late");
    };
    { const auto dropped = aio::shield(aio::create_task(body(), "inner")); }
    co_await aio::sleep(2s);
  }());
  CHECK(reports.messages == std::vector<std::string>{"Task 'inner' exception was never retrieved"});
}

TEST_CASE("what is done already is returned as it is [H4]") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = make_future();
    future.set_result(42);
    CHECK(aio::shield(future) == future);
    const auto task = aio::create_task(turns(1));
    CHECK_FALSE(aio::shield(task) == task);
    co_await task;
    CHECK(aio::shield(task) == task);
    const int value = co_await aio::shield(future);
    CHECK(value == 42);
  });
}

TEST_CASE("a shield around a gather protects its children [H5]") {
  aio::testing::run([]() -> Coro<void> {
    const auto one = make_future();
    const auto other = make_future();
    const auto both = aio::gather(one, other);
    const auto outer = aio::shield(both);
    co_await turns(1);
    outer.cancel();
    co_await turns(2);
    CHECK(outer.cancelled());
    one.set_result(1);
    other.set_result(2);
    const auto results = co_await both;
    CHECK(results == std::tuple(1, 2));
  });
}

TEST_CASE("cancelling a gather of shields cancels the shields only [H5]") {
  aio::testing::run([]() -> Coro<void> {
    const auto one = make_future();
    const auto other = make_future();
    const auto shield_of_one = aio::shield(one);
    const auto shield_of_other = aio::shield(other);
    const auto both = aio::gather(shield_of_one, shield_of_other);
    co_await turns(1);
    both.cancel();
    const Outcome outcome = co_await outcome_of(both);
    CHECK(outcome.cancelled.has_value());
    CHECK(shield_of_one.cancelled());
    CHECK(shield_of_other.cancelled());
    CHECK_FALSE(one.done());
    CHECK_FALSE(other.done());
    one.set_result(1);
    other.set_result(2);
    co_await turns(2);
  });
}

TEST_CASE("a shield of a coroutine needs a running loop") {
  CHECK_THROWS_AS(static_cast<void>(aio::shield(aio::sleep(1s))), aio::RuntimeError);
  aio::EventLoop loop(aio::testing::virtual_time);
  const auto inner = loop.create_future<int>();
  const auto outer = aio::shield(inner);  // a future knows its loop
  inner.set_result(5);
  CHECK(loop.run_until_complete(outer) == 5);
}

TEST_CASE("a shield and a future that nobody holds any more are freed") {
  aio::testing::run([]() -> Coro<void> {
    const auto alive = std::make_shared<int>(1);
    {
      const auto inner = make_future<std::shared_ptr<int>>();
      const auto outer = aio::shield(inner);
      inner.add_done_callback([alive](const aio::AnyFuture&) {});
      CHECK(alive.use_count() == 2);
    }
    CHECK(alive.use_count() == 1);
    co_return;
  });
}
