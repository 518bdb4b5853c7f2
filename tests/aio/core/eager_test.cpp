#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "aio/gather.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"

using namespace std::chrono_literals;
using aio::AnyTask;
using aio::Coro;
using aio::Future;
using aio::Task;
using aio::TaskOptions;
using support::Outcome;
using support::outcome_of;
using support::Reports;
using support::turns;

namespace {

TaskOptions eagerly() { return TaskOptions().eager_start(); }

Coro<int> answer() { co_return 42; }

Coro<void> log_steps(std::string& log, char name, int steps) {
  for (int i = 0; i < steps; ++i) {
    log += name;
    co_await aio::sleep(0);
  }
  log += name;
}

bool is_listed(const AnyTask& task) { return std::ranges::count(aio::all_tasks(), task) == 1; }

}  // namespace

TEST_CASE("a body without suspension finishes inside create_task [X1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto turn = aio::get_running_loop().turn_count();
    const auto task = aio::create_task(answer(), TaskOptions("quick").eager_start());
    CHECK(task.done());
    CHECK(task.result() == 42);
    CHECK(task.get_name() == "quick");
    CHECK_FALSE(task.cancel());
    CHECK_FALSE(task.cancelled());
    CHECK(task.cancelling() == 0);
    const int awaited = co_await task;
    CHECK(awaited == 42);
    CHECK(aio::get_running_loop().turn_count() == turn);
  });
}

TEST_CASE("an eager task that waits goes on as any other task [X2]") {
  std::string log;
  aio::testing::run(
      [](std::string& steps) -> Coro<void> {
        const auto eager = aio::create_task(eagerly(), log_steps, std::ref(steps), 'e', 2);
        CHECK(steps == "e");
        const auto plain = aio::create_task(log_steps(steps, 'p', 1));
        CHECK(steps == "e");
        CHECK_FALSE(eager.done());
        co_await eager;
        co_await plain;
      },
      std::ref(log));
  CHECK(log == "eepep");
}

TEST_CASE("the current task is the right one before, during and after an eager step [X2]") {
  aio::testing::run([]() -> Coro<void> {
    const AnyTask outer = aio::current_task();
    std::vector<AnyTask> seen;
    const auto innermost = [&]() -> Coro<void> {
      seen.push_back(aio::current_task());
      co_await aio::sleep(0);
      seen.push_back(aio::current_task());
    };
    Task<void> inner_task;
    const auto middle = [&]() -> Coro<void> {
      const AnyTask self = aio::current_task();
      inner_task = aio::create_task(eagerly(), innermost);
      CHECK(aio::current_task() == self);
      co_await inner_task;
      CHECK(aio::current_task() == self);
    };
    const auto task = aio::create_task(eagerly(), middle);
    CHECK(aio::current_task() == outer);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0] == AnyTask(inner_task));
    co_await task;
    CHECK(aio::current_task() == outer);
    REQUIRE(seen.size() == 2);
    CHECK(seen[1] == AnyTask(inner_task));
  });
}

TEST_CASE("an eager task made in a callback leaves no current task behind [X2]") {
  aio::EventLoop loop(aio::testing::virtual_time);
  bool ran = false;
  const auto body = [&ran]() -> Coro<void> {
    ran = static_cast<bool>(aio::current_task());
    co_return;
  };
  loop.call_soon([&] {
    CHECK_FALSE(aio::current_task());
    const auto task = aio::create_task(eagerly(), body);
    CHECK(task.done());
    CHECK_FALSE(aio::current_task());
    loop.stop();
  });
  loop.run_forever();
  CHECK(ran);
}

TEST_CASE("all_tasks has an eager task during its step and after only if it waits [X3]") {
  aio::testing::run([]() -> Coro<void> {
    bool listed = false;
    const auto look = [&listed](bool waits) -> Coro<void> {
      listed = is_listed(aio::current_task());
      if (waits) co_await aio::sleep(1s);
    };
    const auto quick = aio::create_task(eagerly(), look, false);
    CHECK(listed);
    CHECK_FALSE(is_listed(quick));
    const auto slow = aio::create_task(eagerly(), look, true);
    CHECK(is_listed(slow));
    co_await slow;
    CHECK_FALSE(is_listed(slow));
  });
}

TEST_CASE("the eager task factory starts all tasks of a loop but those that say no [X5]") {
  aio::testing::run([]() -> Coro<void> {
    aio::EventLoop& loop = aio::get_running_loop();
    CHECK_FALSE(loop.get_task_factory());
    loop.set_task_factory(aio::eager_task_factory);
    CHECK(loop.get_task_factory());
    const auto eager = aio::create_task(answer());
    CHECK(eager.done());
    const auto on_loop = loop.create_task(TaskOptions("on loop"), answer);
    CHECK(on_loop.done());
    const auto lazy = aio::create_task(answer(), TaskOptions("lazy").eager_start(false));
    CHECK_FALSE(lazy.done());
    co_await lazy;
    loop.set_task_factory(nullptr);
    const auto plain = aio::create_task(answer());
    CHECK_FALSE(plain.done());
    const auto explicit_eager = aio::create_task(answer(), eagerly());
    CHECK(explicit_eager.done());
    co_await plain;
  });
}

TEST_CASE("what a gather makes tasks of starts eagerly too where the factory says so [X5]") {
  aio::testing::run([]() -> Coro<void> {
    aio::get_running_loop().set_task_factory(aio::eager_task_factory);
    std::string log;
    const auto both = aio::gather(log_steps(log, 'a', 0), log_steps(log, 'b', 0));
    CHECK(log == "ab");
    static_cast<void>(co_await both);
  });
}

TEST_CASE("a task factory sees and changes the options of every task") {
  aio::EventLoop loop(aio::testing::virtual_time);
  loop.set_task_factory([&loop](aio::EventLoop& of, TaskOptions& options) {
    CHECK(&of == &loop);
    options = std::move(options).name(options.get_name() + "!");
  });
  const auto task = loop.create_task(answer(), "hey");
  CHECK(task.get_name() == "hey!");
  loop.set_task_factory([](aio::EventLoop&, TaskOptions&) { throw std::runtime_error("no"); });
  CHECK_THROWS_WITH_AS(static_cast<void>(loop.create_task(answer())), "no", std::runtime_error);
  loop.set_task_factory([](aio::EventLoop& of, TaskOptions&) { of.set_task_factory(nullptr); });
  CHECK(loop.run_until_complete(answer()) == 42);
  CHECK_FALSE(loop.get_task_factory());
  CHECK(aio::all_tasks(loop).empty());
}

TEST_CASE("an eager task on a loop that does not run starts when it runs") {
  aio::EventLoop loop(aio::testing::virtual_time);
  const auto task = loop.create_task(answer(), eagerly());
  CHECK_FALSE(task.done());
  CHECK(loop.run_until_complete(task) == 42);

  aio::EventLoop other(aio::testing::virtual_time);
  Task<int> on_other;
  loop.call_soon([&] {
    on_other = other.create_task(answer(), eagerly());
    loop.stop();
  });
  loop.run_forever();
  CHECK_FALSE(on_other.done());
  CHECK(other.run_until_complete(on_other) == 42);
}

TEST_CASE("what an eager step throws is its task's failure and not the maker's") {
  aio::testing::run([]() -> Coro<void> {
    Reports reports(aio::get_running_loop());
    const auto body = []() -> Coro<void> {
      throw std::runtime_error("at once");
      co_return;
    };
    {
      const auto task = aio::create_task(eagerly(), body);
      CHECK(task.done());
      const Outcome outcome = co_await outcome_of(task);
      CHECK(outcome.threw<std::runtime_error>());
    }
    CHECK(reports.messages.empty());
    static_cast<void>(aio::create_task(TaskOptions("lost").eager_start(), body));
    REQUIRE(reports.messages.size() == 1);
    CHECK(reports.messages[0].find("'lost'") != std::string::npos);
  });
}

TEST_CASE("an eager task can be made while another exception is being handled") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<int> {
      int caught = 0;
      try {
        throw 2;
      } catch (int number) {
        caught = number;
      }
      co_await aio::sleep(0);
      co_return caught;
    };
    Task<int> task;
    try {
      throw 1;
    } catch (int number) {
      task = aio::create_task(eagerly(), body);
      CHECK(number == 1);
      CHECK(std::current_exception() != nullptr);
    }
    const int caught = co_await task;
    CHECK(caught == 2);
  });
}

TEST_CASE("a task that cancels itself in its eager step is cancelled at its first await") {
  aio::testing::run([]() -> Coro<void> {
    bool beyond = false;
    const auto body = [&beyond](bool waits) -> Coro<void> {
      aio::current_task().cancel("enough");
      if (waits) {
        co_await aio::sleep(1h);
        beyond = true;
      }
    };
    const auto waiting = aio::create_task(eagerly(), body, true);
    CHECK_FALSE(waiting.done());
    const Outcome outcome = co_await outcome_of(waiting);
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "enough");
    CHECK_FALSE(beyond);
    CHECK(aio::get_running_loop().time().time_since_epoch() == 0ns);

    const auto returning = aio::create_task(eagerly(), body, false);
    CHECK(returning.cancelled());
  });
}

TEST_CASE("an eager task is cancelled after its step as any other") {
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(aio::sleep(1h), eagerly());
    CHECK(task.cancel("cancellation message"));
    CHECK(task.cancelling() == 1);
    const Outcome outcome = co_await outcome_of(task);
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "cancellation message");
  });
}

TEST_CASE("an eager step may cancel its maker, whose next await throws") {
  aio::testing::run([]() -> Coro<void> {
    const AnyTask maker = aio::current_task();
    const auto body = [maker]() -> Coro<void> {
      maker.cancel("by the child");
      co_return;
    };
    const auto task = aio::create_task(TaskOptions("child").eager_start(), body);
    CHECK(task.done());
    const Outcome outcome = co_await outcome_of(aio::sleep(1h));
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->cancelled_by() == "child");
    maker.uncancel();
  });
}

TEST_CASE("an eager task that awaits itself after its step gets RuntimeError") {
  aio::testing::run([]() -> Coro<void> {
    Task<void> self;
    const auto body = [&self]() -> Coro<void> {
      co_await aio::sleep(0);
      co_await self;
    };
    self = aio::create_task(eagerly(), body);
    const Outcome outcome = co_await outcome_of(self);
    CHECK(outcome.threw<aio::RuntimeError>());
  });
}

TEST_CASE("a future that an eager step sets wakes its maker") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = aio::get_running_loop().create_future<int>();
    const auto set = [future]() -> Coro<void> {
      future.set_result(7);
      co_return;
    };
    const auto task = aio::create_task(eagerly(), set);
    CHECK(task.done());
    const int got = co_await future;
    CHECK(got == 7);
  });
}
