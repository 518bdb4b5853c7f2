#include "aio/with.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/probe.hpp"

using namespace std::chrono_literals;
using aio::Coro;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

/// Writes down what is done to it, in a log that outlives it.
class Scope {
 public:
  explicit Scope(std::string& log) : log_(&log) {}

  Coro<void> enter() {
    *log_ += "enter ";
    co_await aio::sleep(1s);
  }
  Coro<void> exit(std::exception_ptr exception) {
    co_await aio::sleep(1s);
    *log_ += exception ? "failed" : "exit";
  }
  void say(const char* word) { *log_ += std::string(word) + " "; }

 private:
  std::string* log_;
};

/// Takes away what the body threw, unless told not to.
struct Suppressing {
  Coro<void> enter() { co_return; }
  Coro<bool> exit(std::exception_ptr exception) {
    seen = exception != nullptr;
    co_return suppress;
  }
  bool suppress = true;
  bool seen = false;
};

/// Fails on its way in or out.
struct Failing {
  Coro<void> enter() {
    if (at_entry) throw std::logic_error("enter");
    co_return;
  }
  Coro<void> exit(std::exception_ptr) {
    exited = true;
    throw std::logic_error("exit");
    co_return;
  }
  bool at_entry = false;
  bool exited = false;
};

}  // namespace

TEST_CASE("with enters and runs the body and exits and gives what the body returns") {
  aio::testing::run([]() -> Coro<void> {
    std::string log;
    const std::string result =
        co_await aio::with(Scope(log), [](Scope& scope) -> Coro<std::string> {
          scope.say("body");
          co_await aio::sleep(1s);
          co_return "result";
        });
    CHECK(result == "result");
    CHECK(log == "enter body exit");
  });
}

TEST_CASE("a body may do without the manager") {
  aio::testing::run([]() -> Coro<void> {
    std::string log;
    co_await aio::with(Scope(log), [&log]() -> Coro<void> {
      log += "body ";
      co_return;
    });
    CHECK(log == "enter body exit");
  });
}

TEST_CASE("nothing is entered before the await") {
  aio::testing::run([]() -> Coro<void> {
    std::string log;
    {
      const auto unawaited = aio::with(Scope(log), []() -> Coro<void> { co_return; });
      CHECK(log.empty());
    }
    CHECK(log.empty());
    co_return;
  });
}

TEST_CASE("exit is told what the body threw and lets it pass") {
  aio::testing::run([]() -> Coro<void> {
    std::string log;
    const Outcome outcome = co_await outcome_of(aio::with(Scope(log), []() -> Coro<int> {
      throw std::runtime_error("body");
      co_return 1;
    }));
    CHECK(outcome.threw<std::runtime_error>());
    CHECK(log == "enter failed");
  });
}

TEST_CASE("a body that is cancelled is followed by the whole exit and the cancellation passes") {
  aio::testing::run([]() -> Coro<void> {
    std::string log;
    const auto task =
        aio::create_task(aio::with(Scope(log), []() -> Coro<void> { co_await aio::sleep(1h); }));
    co_await aio::sleep(2s);
    task.cancel("enough");
    const Outcome outcome = co_await outcome_of(aio::Task<void>(task));
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "enough");
    CHECK(log == "enter failed");
  });
}

TEST_CASE("an exit that returns true takes the exception away") {
  aio::testing::run([]() -> Coro<void> {
    Suppressing scope;
    const auto fail = []() -> Coro<void> {
      throw std::runtime_error("body");
      co_return;
    };
    co_await aio::with(scope, fail);
    CHECK(scope.seen);
    scope.suppress = false;
    const Outcome outcome = co_await outcome_of(aio::with(scope, fail));
    CHECK(outcome.threw<std::runtime_error>());
  });
}

TEST_CASE("an exit that returns true after a body that threw nothing changes nothing") {
  aio::testing::run([]() -> Coro<void> {
    Suppressing scope;
    co_await aio::with(scope, [](Suppressing&) -> Coro<void> { co_return; });
    CHECK_FALSE(scope.seen);
  });
}

TEST_CASE("an entry that throws runs neither body nor exit") {
  aio::testing::run([]() -> Coro<void> {
    Failing scope;
    scope.at_entry = true;
    bool ran = false;
    const Outcome outcome = co_await outcome_of(aio::with(scope, [&ran]() -> Coro<void> {
      ran = true;
      co_return;
    }));
    CHECK(outcome.threw<std::logic_error>());
    CHECK_FALSE(ran);
    CHECK_FALSE(scope.exited);
  });
}

TEST_CASE("what the exit throws replaces what the body threw") {
  aio::testing::run([]() -> Coro<void> {
    Failing scope;
    const Outcome outcome = co_await outcome_of(aio::with(scope, []() -> Coro<void> {
      throw std::runtime_error("body");
      co_return;
    }));
    CHECK(outcome.threw<std::logic_error>());
  });
}

TEST_CASE("a body with captures lives until the exit is done and is destroyed once") {
  support::Counts counts;
  aio::testing::run([&]() -> Coro<void> {
    std::string log;
    const support::Probe probe(counts, 5);
    const auto body = [probe](Scope&) -> Coro<int> {
      co_await aio::sleep(1s);
      co_return probe.value;
    };
    const int value = co_await aio::with(Scope(log), body);
    CHECK(value == 5);
  });
  CHECK(counts.made == 1);
  CHECK(counts.alive() == 0);
}

TEST_CASE("a result that can only be moved is moved") {
  aio::testing::run([]() -> Coro<void> {
    std::string log;
    const auto made = co_await aio::with(
        Scope(log), []() -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(3); });
    CHECK(*made == 3);
  });
}
