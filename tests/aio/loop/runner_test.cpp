#include "aio/runner.hpp"

#include <doctest/doctest.h>

#include <string>

#include "aio/testing.hpp"
#include "support/loop_test.hpp"

using namespace support;
using aio::Coro;
using aio::EventLoop;
using aio::Runner;
using aio::RunnerOptions;

namespace {

const aio::ContextVar<int> number("number", 0);

Coro<EventLoop*> loop_of_main() { co_return &aio::get_running_loop(); }

Coro<bool> debug_of_main() { co_return aio::get_running_loop().get_debug(); }

Coro<int> exchange_number(int value) {
  const int before = number.get();
  number.set(value);
  co_return before;
}

Coro<void> mark(bool& started) {
  started = true;
  co_return;
}

Coro<void> fail() {
  co_await aio::sleep(0);
  throw std::runtime_error("main failed");
}

std::unique_ptr<EventLoop> make_virtual() {
  return std::make_unique<EventLoop>(aio::testing::virtual_time);
}

RunnerOptions with_virtual_time() { return RunnerOptions().loop_factory(make_virtual); }

}  // namespace

TEST_CASE("the debug mode of a run is the one that was asked for [R5]") {
  CHECK(aio::run(RunnerOptions().debug(), debug_of_main()));
  CHECK_FALSE(aio::run(RunnerOptions().debug(false), debug_of_main()));
  const bool unasked = EventLoop().get_debug();
  CHECK(aio::run(debug_of_main()) == unasked);
  Runner runner(RunnerOptions().debug());
  CHECK(runner.get_loop().get_debug());
}

TEST_CASE("a run is on the loop that the factory made [R5]") {
  EventLoop* made = nullptr;
  int calls = 0;
  const auto factory = [&] {
    ++calls;
    auto loop = make_virtual();
    made = loop.get();
    return loop;
  };
  CHECK(aio::run(RunnerOptions().loop_factory(factory), loop_of_main()) == made);
  CHECK(calls == 1);
  const RunnerOptions options = RunnerOptions().loop_factory(factory);
  CHECK(aio::run(options, loop_of_main) == made);
  CHECK(calls == 2);
  Runner runner(options);
  CHECK(calls == 2);
  CHECK(runner.run(loop_of_main()) == made);
  CHECK(runner.run(loop_of_main()) == made);
  CHECK(calls == 3);
}

TEST_CASE("a runner runs many mains on one loop [R6]") {
  Runner runner(with_virtual_time());
  EventLoop* const loop = &runner.get_loop();
  CHECK_FALSE(loop->is_running());
  CHECK(runner.run(loop_of_main()) == loop);
  CHECK_THROWS_WITH_AS(runner.run(fail()), "main failed", std::runtime_error);
  CHECK(runner.run(loop_of_main) == loop);
  CHECK(runner.run(aio::sleep(1h, 5)) == 5);
  const auto future = loop->create_future<int>();
  loop->call_soon([future] { future.set_result(6); });
  CHECK(runner.run(future) == 6);
  CHECK(&runner.get_loop() == loop);
}

TEST_CASE("a runner keeps its context from one run to the next [R6]") {
  aio::Context().run([] {
    number.set(1);
    Runner runner(with_virtual_time());
    CHECK(runner.run(exchange_number(2)) == 1);
    CHECK(runner.run(exchange_number, 3) == 2);
    const aio::Context other;
    CHECK(runner.run(exchange_number(4), other) == 0);
    CHECK(other.get(number) == 4);
    CHECK(runner.run(exchange_number(5)) == 3);
    CHECK(number.get() == 1);
  });
}

TEST_CASE("a runner closes once and is of no use afterwards [R6]") {
  Runner runner;
  runner.close();  // no loop yet: nothing to close
  EventLoop& loop = runner.get_loop();
  runner.close();
  CHECK(loop.is_closed());
  runner.close();
  CHECK_THROWS_WITH_AS(runner.get_loop(), "Runner is closed", aio::RuntimeError);
  bool started = false;
  CHECK_THROWS_WITH_AS(runner.run(mark(started)), "Runner is closed", aio::RuntimeError);
  CHECK_THROWS_WITH_AS(runner.run(mark, std::ref(started)), "Runner is closed", aio::RuntimeError);
  CHECK_FALSE(started);
}

TEST_CASE("a runner that goes closes its loop and ends what is left [R2] [R6]") {
  aio::Future<> future;
  bool cancelled = false;
  {
    Runner runner(with_virtual_time());
    const auto leave = [&]() -> Coro<void> {
      future = aio::get_running_loop().create_future();
      const auto left = [&cancelled]() -> Coro<void> {
        try {
          co_await aio::sleep(1h);
        } catch (const aio::CancelledError&) {
          cancelled = true;
          throw;
        }
      };
      static_cast<void>(aio::create_task(left));
      co_await aio::sleep(0);
    };
    runner.run(leave);
    CHECK_FALSE(cancelled);
  }
  CHECK(cancelled);
  CHECK(future.state()->loop().is_closed());
}

TEST_CASE("a runner neither runs nor closes inside its own run [R4] [R6]") {
  Runner runner(with_virtual_time());
  bool started = false;
  const auto body = [&]() -> Coro<void> {
    CHECK_THROWS_AS(runner.run(mark(started)), aio::RuntimeError);
    CHECK_THROWS_AS(runner.close(), aio::RuntimeError);
    co_await aio::sleep(1s);
  };
  runner.run(body);
  CHECK_FALSE(started);
  CHECK_FALSE(runner.get_loop().is_closed());
}

TEST_CASE("a runner whose loop is stopped leaves main to be ended by close") {
  Runner runner(with_virtual_time());
  const auto body = []() -> Coro<void> {
    aio::get_running_loop().stop();
    co_await aio::sleep(1h);
  };
  CHECK_THROWS_AS(runner.run(body), aio::RuntimeError);
  CHECK(aio::all_tasks(runner.get_loop()).size() == 1);
  runner.close();
}
