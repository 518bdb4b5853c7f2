#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/loop_test.hpp"

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using aio::EventLoop;
using support::CapturedStderr;
using support::ReportLog;
using support::run_turns;
using support::turns;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string at_line(unsigned line) { return "debug_test.cpp:" + std::to_string(line); }

/// A loop in debug mode, with what it reports.
struct DebuggedLoop {
  DebuggedLoop() {
    loop.set_debug(true);
    loop.set_slow_callback_duration(1h);
    log.listen_to(loop);
  }
  const std::string& only_message() const {
    REQUIRE(log.reports.size() == 1);
    return log.reports[0].message;
  }

  ReportLog log;
  EventLoop loop;
};

constexpr auto slow = 20ms;

void block() { std::this_thread::sleep_for(slow); }

Coro<void> nothing() { co_return; }
Coro<void> sleep_an_hour() { co_await aio::sleep(1h); }

/// What `f` throws on a thread of its own.
std::string thrown_elsewhere(const std::function<void()>& f) {
  std::string what;
  std::thread([&] {
    try {
      f();
    } catch (const aio::RuntimeError& error) {
      what = error.what();
    }
  }).join();
  return what;
}

/// Sets AIO_DEBUG in its scope.
class DebugVariable {
 public:
  explicit DebugVariable(const char* value) { ::setenv("AIO_DEBUG", value, 1); }
  DebugVariable(const DebugVariable&) = delete;
  DebugVariable& operator=(const DebugVariable&) = delete;
  ~DebugVariable() { ::unsetenv("AIO_DEBUG"); }
};

}  // namespace

TEST_CASE("debug mode is off unless it is set or the environment asks for it [L14]") {
  CHECK_FALSE(EventLoop().get_debug());
  for (const auto& [value, expected] :
       {std::pair("1", true), std::pair("0", false), std::pair("", false)}) {
    const DebugVariable variable(value);
    CHECK(EventLoop().get_debug() == expected);
  }
  EventLoop loop;
  loop.set_debug(true);
  CHECK(loop.get_debug());
  CHECK(loop.get_slow_callback_duration() == 100ms);
  loop.set_slow_callback_duration(2s);
  CHECK(loop.get_slow_callback_duration() == 2s);
}

// --- Slow steps

TEST_CASE("a slow step is reported with its task and where it went on and waits again [L14]") {
  DebuggedLoop debugged;
  debugged.loop.set_slow_callback_duration(slow);
  unsigned from = 0;
  const auto body = [](unsigned& line) -> Coro<void> {
    line = __LINE__ + 1;
    co_await aio::sleep(1ms);
    block();
    co_await aio::sleep(1ms);
  };
  debugged.loop.run_until_complete(debugged.loop.create_task(body(from), "B"));
  const std::string expected =
      " seconds in one step, from " + at_line(from) + " to " + at_line(from + 2);
  const auto& reports = debugged.log.reports;  // a busy machine may make other steps slow too
  const auto found = std::find_if(reports.begin(), reports.end(), [&expected](const auto& report) {
    return holds(report.message, expected);
  });
  REQUIRE(found != reports.end());
  CHECK(found->message.starts_with("Task 'B' took "));
  CHECK(found->message.ends_with(
      ": a blocking call keeps the whole loop waiting; use await sleep or to_thread"));
  CHECK(found->source == "Task 'B'");
}

TEST_CASE("a slow step from a task's start to its end says where it was made [L14]") {
  DebuggedLoop debugged;
  debugged.loop.set_slow_callback_duration(slow);
  const auto body = []() -> Coro<void> {
    block();
    co_return;
  };
  const auto task = debugged.loop.create_task(body(), "C");
  const unsigned made = __LINE__ - 1;
  debugged.loop.run_until_complete(task);
  CHECK(holds(debugged.log.reports.at(0).message,
              "from its start (made at " + at_line(made) + ") to its end"));
}

TEST_CASE("a slow callback is reported and quick ones are not [L14]") {
  DebuggedLoop debugged;
  debugged.loop.call_soon(block);
  run_turns(debugged.loop, 2);
  CHECK(debugged.log.reports.empty());
  debugged.loop.set_slow_callback_duration(slow);
  debugged.loop.call_soon(block);
  run_turns(debugged.loop, 1);
  CHECK(holds(debugged.log.reports.at(0).message, "A callback took "));
}

TEST_CASE("without debug mode nothing of it is reported [L14]") {
  DebuggedLoop debugged;
  debugged.loop.set_debug(false);
  debugged.loop.set_slow_callback_duration(0s);
  debugged.loop.call_soon(block);
  const auto swallow = []() -> Coro<void> {
    static_cast<void>(nothing());
    try {
      co_await aio::sleep(1h);
    } catch (const CancelledError&) {
    }
  };
  const auto task = debugged.loop.create_task(swallow());
  run_turns(debugged.loop, 2);
  task.cancel();
  run_turns(debugged.loop, 2);
  CHECK(task.done());
  CHECK(debugged.log.reports.empty());
}

// --- Threads

TEST_CASE("in debug mode calls from another thread throw while the loop runs [L14]") {
  DebuggedLoop debugged;
  EventLoop& loop = debugged.loop;
  const auto body = [](EventLoop& running) -> Coro<void> {
    auto future = running.create_future();
    const auto task = aio::create_task(sleep_an_hour());
    const std::vector<std::function<void()>> calls{
        [&] { running.call_soon([] {}); },
        [&] { running.call_later(1s, [] {}); },
        [&] { static_cast<void>(running.create_task(nothing())); },
        [&] { static_cast<void>(running.run_in_executor(nullptr, [] {})); },
        [&] { future.set_result(); },
        [&] { future.cancel(); },
        [&] { task.cancel(); },
    };
    for (const auto& call : calls) {
      CHECK(holds(thrown_elsewhere(call), "Non-thread-safe operation"));
    }
    const auto allowed = [&running] { running.call_soon_threadsafe([] {}); };
    CHECK(thrown_elsewhere(allowed).empty());
    CHECK_FALSE(future.done());
    task.cancel();
    co_await turns(2);
    CHECK(task.cancelled());
  };
  loop.run_until_complete(body(loop));
  CHECK(debugged.log.reports.empty());
}

TEST_CASE("in debug mode a loop that does not run may be prepared on another thread [L14]") {
  DebuggedLoop debugged;
  bool called = false;
  const auto prepare = [&] { debugged.loop.call_soon([&called] { called = true; }); };
  CHECK(thrown_elsewhere(prepare).empty());
  run_turns(debugged.loop, 1);
  CHECK(called);
}

TEST_CASE("a coroutine function is neither a callback nor pool work [L14] [E7]") {
  using aio::detail::CallbackFunction;
  using aio::detail::PoolFunction;
  static_assert(!CallbackFunction<decltype(nothing)>);
  static_assert(!CallbackFunction<std::function<Coro<void>()>>);
  static_assert(CallbackFunction<decltype(block)>);
  static_assert(!PoolFunction<decltype(nothing)>);
  static_assert(!PoolFunction<std::function<Coro<void>()>>);
  static_assert(PoolFunction<decltype(block)>);
}

// --- Forgotten coroutines

TEST_CASE("a coroutine that is dropped without having run is reported [L14]") {
  DebuggedLoop debugged;
  const auto body = []() -> Coro<void> {
    static_cast<void>(sleep_an_hour());
    co_return;
  };
  debugged.loop.run_until_complete(body());
  const std::string& message = debugged.only_message();
  CHECK(holds(message, "coroutine 'sleep_an_hour' was never awaited (debug_test.cpp:"));
}

TEST_CASE("a coroutine that runs or that an exception takes along is not reported as forgotten") {
  DebuggedLoop debugged;
  const auto fail = [](Coro<void> unused) {
    const Coro<void> kept(std::move(unused));
    throw std::runtime_error("no luck");
  };
  const auto body = [](const auto& failing) -> Coro<void> {
    co_await nothing();
    Coro<void> kept = nothing();
    const Coro<void> moved(std::move(kept));
    try {
      failing(nothing());
    } catch (const std::runtime_error&) {
    }
    const auto task = aio::create_task(nothing());
    task.cancel();  // it never starts
    co_await turns(2);
  };
  debugged.loop.run_until_complete(body(fail));
  CHECK(holds(debugged.only_message(), "'nothing'"));  // `moved`
}

TEST_CASE("where no loop runs a forgotten coroutine is printed if the environment asks [L14]") {
  std::string printed;
  {
    const CapturedStderr captured;
    static_cast<void>(nothing());
    const DebugVariable variable("1");
    static_cast<void>(sleep_an_hour());
    printed = captured.text();
  }
  CHECK_FALSE(holds(printed, "'nothing'"));
  CHECK(holds(printed, "aio: coroutine 'sleep_an_hour' was never awaited"));
}

// --- Cancellation

TEST_CASE("a task that swallows its cancellation is reported with who asked for it") {
  DebuggedLoop debugged;
  const auto body = []() -> Coro<void> {
    const auto swallow = []() -> Coro<void> {
      try {
        co_await aio::sleep(1h);
      } catch (const CancelledError&) {
      }
    };
    const auto task = aio::create_task(swallow(), "stubborn");
    co_await turns(1);
    aio::current_task().set_name("boss");
    task.cancel("go home");
    co_await task;
  };
  debugged.loop.run_until_complete(body());
  const std::string& message = debugged.only_message();
  CHECK(holds(message, "Task 'stubborn' was cancelled by 'boss': go home; it swallowed"));
  CHECK(holds(message, "(made at debug_test.cpp:"));
}

TEST_CASE("a task that took its cancellation back or was cancelled or failed swallowed nothing") {
  DebuggedLoop debugged;
  const auto take_back = []() -> Coro<void> {
    try {
      co_await aio::sleep(1h);
    } catch (const CancelledError&) {
      aio::current_task().uncancel();
    }
  };
  const auto fail = []() -> Coro<void> {
    try {
      co_await aio::sleep(1h);
    } catch (const CancelledError&) {
      throw std::runtime_error("no luck");
    }
  };
  const std::vector tasks{debugged.loop.create_task(take_back()), debugged.loop.create_task(fail()),
                          debugged.loop.create_task(sleep_an_hour())};
  run_turns(debugged.loop, 2);
  for (const auto& task : tasks) task.cancel();
  run_turns(debugged.loop, 2);
  for (const auto& task : tasks) CHECK(task.done());
  CHECK_THROWS_AS(tasks[1].result(), std::runtime_error);
  CHECK(debugged.log.reports.empty());
}

// --- Leftovers

TEST_CASE("a task left at close is reported with where it was made and waits and for whom [T15]") {
  ReportLog log;
  EventLoop loop(aio::testing::virtual_time);
  log.listen_to(loop);
  const auto sleeping = loop.create_task(sleep_an_hour(), "sleeper");
  const unsigned made = __LINE__ - 1;
  const auto on_task = [](aio::Task<void> task) -> Coro<void> { co_await task; };
  const auto on_gather = [](aio::Task<void> task) -> Coro<void> { co_await aio::gather(task); };
  static_cast<void>(loop.create_task(on_task(sleeping), "first"));
  static_cast<void>(loop.create_task(on_gather(sleeping), "second"));
  run_turns(loop, 2);
  static_cast<void>(loop.create_task(nothing(), "late"));
  loop.close();
  REQUIRE(log.reports.size() == 4);
  const std::string& message = log.reports[0].message;
  CHECK(holds(message, "Task 'sleeper' was pending when its loop was closed; it was cancelled"));
  CHECK(holds(message, "(made at " + at_line(made) + "; sleep_an_hour() waits at debug_test.cpp:"));
  CHECK(holds(message, " for sleep; awaited by Task 'first', Task 'second' in gather)"));
  CHECK(holds(log.reports[1].message, " for task"));
  CHECK(holds(log.reports[2].message, " for gather"));
  CHECK(holds(log.reports[3].message, "; it had not started)"));
}

TEST_CASE("a task that was asked to end before its loop was destroyed says so [T15]") {
  ReportLog log;
  {
    EventLoop loop;
    log.listen_to(loop);
    const auto stubborn = []() -> Coro<void> {
      try {
        co_await aio::sleep(1h);
      } catch (const CancelledError&) {
      }
      co_await aio::sleep(1h);
    };
    const auto task = loop.create_task(stubborn(), "stubborn");
    run_turns(loop, 1);
    task.cancel("go home");
    run_turns(loop, 2);
  }
  REQUIRE(log.reports.size() == 1);
  CHECK(holds(log.reports[0].message, "; already cancelled: go home)"));
}
