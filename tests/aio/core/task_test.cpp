#include "aio/task.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/death.hpp"

using namespace std::chrono_literals;
using aio::AnyTask;
using aio::Coro;
using aio::Future;
using aio::Task;
using support::Outcome;
using support::outcome_of;
using support::Reports;
using support::turns;

namespace {

Coro<int> answer() { co_return 42; }

Coro<int> fail(const char* what) {
  co_await aio::sleep(0);
  throw std::runtime_error(what);
}

template <class... A>
concept TaskCanBeMadeOf = requires(A&&... a) { aio::create_task(std::forward<A>(a)...); };

}  // namespace

TEST_CASE("what is no coroutine does not become a task") {
  static_assert(TaskCanBeMadeOf<Coro<int>>);
  static_assert(TaskCanBeMadeOf<Coro<int> (&)()>);
  static_assert(TaskCanBeMadeOf<aio::Sleep<void>>);
  static_assert(!TaskCanBeMadeOf<Coro<int>&>);   // it is awaited once, so it has to be moved
  static_assert(!TaskCanBeMadeOf<Future<int>>);  // as in Python: only a coroutine
  static_assert(!TaskCanBeMadeOf<Task<int>>);
  static_assert(!TaskCanBeMadeOf<int>);
  static_assert(!TaskCanBeMadeOf<int (&)()>);
  static_assert(!TaskCanBeMadeOf<Coro<int> (&)(int), std::string>);
}

TEST_CASE("[T1] create_task does not run the body at once") {
  aio::testing::run([]() -> Coro<void> {
    aio::EventLoop& loop = aio::get_running_loop();
    std::uint64_t ran_in = 0;
    const auto body = [&]() -> Coro<void> {
      ran_in = loop.turn_count();
      co_return;
    };
    const auto made_in = loop.turn_count();
    const auto task = aio::create_task(body);
    CHECK(ran_in == 0);
    CHECK_FALSE(task.done());
    co_await task;
    CHECK(ran_in == made_in + 1);
    CHECK(loop.turn_count() == ran_in + 1);
  });
}

TEST_CASE("[T2] a task has a unique name and takes any other as text") {
  aio::testing::run([]() -> Coro<void> {
    const auto one = aio::create_task(answer());
    const auto other = aio::create_task(answer());
    CHECK(one.get_name().starts_with("Task-"));
    CHECK(one.get_name() != other.get_name());
    one.set_name("one");
    CHECK(one.get_name() == "one");
    other.set_name(17);
    CHECK(other.get_name() == "17");
    const auto named = aio::create_task(answer(), "named");
    CHECK(named.get_name() == "named");
    const auto on_loop = aio::get_running_loop().create_task(answer(), "on loop");
    CHECK(AnyTask(on_loop).get_name() == "on loop");
    co_await named;
    CHECK(named.get_name() == "named");
  });
}

TEST_CASE("[T13] a task that awaits itself gets RuntimeError") {
  aio::testing::run([]() -> Coro<void> {
    Task<Outcome> self;
    const auto body = [&self]() -> Coro<Outcome> {
      Outcome outcome;
      try {
        static_cast<void>(co_await self);
      } catch (...) {
        outcome.failed = std::current_exception();
      }
      co_return outcome;
    };
    self = aio::create_task(body);
    const Outcome outcome = co_await self;
    CHECK(outcome.threw<aio::RuntimeError>());
  });
}

TEST_CASE("[T14] nobody but its body sets a task's result") {
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(answer());
    CHECK_THROWS_AS(task.set_result(1), aio::RuntimeError);
    CHECK_THROWS_AS(task.set_exception(std::runtime_error("no")), aio::RuntimeError);
    const Future<int> future = task;
    CHECK_THROWS_AS(future.set_result(1), aio::RuntimeError);
    const int result = co_await task;
    CHECK(result == 42);
  });
}

TEST_CASE("[T16] a task's failure that nobody looked at is reported once by its name") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    static_cast<void>(aio::create_task(fail("unseen"), "worker"));
    co_await turns(4);
  }());
  CHECK(reports.messages ==
        std::vector<std::string>{"Task 'worker' exception was never retrieved"});
}

TEST_CASE("[T16] a task's failure that somebody saw is not reported") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    for (int way = 0; way < 4; ++way) {
      const auto task = aio::create_task(fail("seen"));
      co_await turns(3);
      REQUIRE(task.done());
      if (way == 0) CHECK_THROWS_WITH_AS(task.result(), "seen", std::runtime_error);
      if (way == 1) CHECK(task.exception() != nullptr);
      if (way == 2) static_cast<void>(co_await outcome_of(Task<int>(task)));
      if (way == 3) CHECK_FALSE(task.cancel());
    }
  }());
  CHECK_THROWS_AS(loop.run_until_complete(fail("to the caller")), std::runtime_error);
  CHECK(reports.messages.empty());
}

TEST_CASE("[T16] a failure is not reported when its awaiter was cancelled on the way to it") {
  aio::EventLoop loop(aio::testing::virtual_time);
  Reports reports(loop);
  loop.run_until_complete([]() -> Coro<void> {
    const auto future = aio::get_running_loop().create_future<int>();
    const auto body = [](Future<int> awaited) -> Coro<void> {
      static_cast<void>(co_await std::move(awaited));
    };
    const auto waiter = aio::create_task(body, future);
    co_await turns(1);
    future.set_exception(std::runtime_error("seen by the waiter"));
    waiter.cancel();
    co_await turns(2);
    CHECK(waiter.cancelled());
  }());
  CHECK(reports.messages.empty());
}

TEST_CASE("[T17] current_task is the one that runs and none in a callback") {
  CHECK_THROWS_AS(aio::current_task(), aio::RuntimeError);
  aio::testing::run([]() -> Coro<void> {
    bool none_in_callback = false;
    const auto body = [](AnyTask& self, int steps) -> Coro<bool> {
      bool same = true;
      for (int i = 0; i < steps; ++i) {
        same &= aio::current_task() == self;
        co_await aio::sleep(0);
      }
      co_return same;
    };
    AnyTask first;
    AnyTask second;
    const auto one = aio::create_task(body, std::ref(first), 5);
    const auto two = aio::create_task(body, std::ref(second), 5);
    first = one;
    second = two;
    aio::get_running_loop().call_soon([&] { none_in_callback = !aio::current_task(); });
    const bool one_ok = co_await one;
    const bool two_ok = co_await two;
    CHECK(one_ok);
    CHECK(two_ok);
    CHECK(none_in_callback);
  });
}

TEST_CASE("[T17] all_tasks has those that have not ended") {
  aio::EventLoop loop(aio::testing::virtual_time);
  CHECK(aio::all_tasks(loop).empty());
  loop.run_until_complete([]() -> Coro<void> {
    const auto quick = aio::create_task(answer());
    const auto slow = aio::create_task(aio::sleep(1s));
    CHECK(aio::all_tasks() == std::vector<AnyTask>{aio::current_task(), quick, slow});
    co_await quick;
    CHECK(aio::all_tasks() == std::vector<AnyTask>{aio::current_task(), slow});
    co_await slow;
    CHECK(aio::all_tasks() == std::vector<AnyTask>{aio::current_task()});
  }());
  CHECK(aio::all_tasks(loop).empty());
}

TEST_CASE("a task may be awaited many times and its result looked at") {
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(answer());
    CHECK_THROWS_AS(task.result(), aio::InvalidStateError);
    const int first = co_await task;
    const int second = co_await task;
    CHECK(first + second + task.result() == 126);

    const auto failing = aio::create_task(fail("twice"));
    const Outcome one = co_await outcome_of(Task<int>(failing));
    const Outcome two = co_await outcome_of(Task<int>(failing));
    CHECK(one.threw<std::runtime_error>());
    CHECK(two.threw<std::runtime_error>());
  });
}

TEST_CASE("create_task copies a function's arguments and moves what can only be moved") {
  aio::testing::run([]() -> Coro<void> {
    const auto length = [](std::string text, std::unique_ptr<int> number) -> Coro<std::size_t> {
      co_await aio::sleep(0);
      co_return text.size() + static_cast<std::size_t>(*number);
    };
    std::string text(50, 'x');
    const auto task = aio::create_task(length, text, std::make_unique<int>(7));
    text.clear();
    const std::size_t result = co_await task;
    CHECK(result == 57);
  });
}

TEST_CASE("create_task passes a reference only as std::ref") {
  aio::testing::run([]() -> Coro<void> {
    const auto increment = [](int& number) -> Coro<void> {
      co_await aio::sleep(0);
      ++number;
    };
    static_assert(!TaskCanBeMadeOf<decltype(increment)&, int&>);
    const auto generic = [](auto& number) -> Coro<void> {
      ++number;
      co_return;
    };
    int number = 1;
    co_await aio::create_task(increment, std::ref(number));
    co_await aio::create_task(generic, std::ref(number));
    CHECK(number == 3);
  });
}

TEST_CASE("a lambda with captures is kept by its task") {
  aio::testing::run([]() -> Coro<void> {
    Task<std::string> task;
    {
      const std::string text(50, 'x');
      const auto body = [text]() -> Coro<std::string> {
        co_await aio::sleep(1s);
        co_return text;
      };
      task = aio::create_task(body);
    }
    const std::string result = co_await task;
    CHECK(result == std::string(50, 'x'));
  });
}

TEST_CASE("a result whose move throws makes the task fail") {
  struct Mine {
    explicit Mine(int moves) : moves_left(moves) {}
    Mine(Mine&& other) : moves_left(other.moves_left - 1) {
      if (moves_left < 0) throw std::runtime_error("cannot be moved");
    }
    int moves_left;
  };
  for (int moves = 0; moves < 3; ++moves) {
    aio::testing::run(
        [](int allowed) -> Coro<void> {
          const auto body = [](int n) -> Coro<Mine> { co_return Mine(n); };
          const auto task = aio::create_task(body(allowed));
          co_await turns(2);
          REQUIRE(task.done());
          if (task.exception()) CHECK_THROWS_AS(task.result(), std::runtime_error);
          CHECK(aio::all_tasks().size() == 1);
        },
        moves);
  }
}

TEST_CASE("an empty or moved-from Task aborts") {
  CHECK(support::last_words([] { static_cast<void>(Task<int>().get_name()); }).find("an empty") !=
        std::string::npos);
  const auto moved_from = [] {
    aio::EventLoop loop(aio::testing::virtual_time);
    auto task = loop.create_task(answer());
    static_cast<void>(loop.run_until_complete(std::move(task)));
    static_cast<void>(task.cancelling());
  };
  CHECK(support::last_words(moved_from).find("an empty") != std::string::npos);
}

TEST_CASE("tasks of one thread are numbered without a gap, over many loops") {
  const auto number = [] {
    return aio::run([]() -> Coro<int> {
      co_return std::stoi(aio::current_task().get_name().substr(std::string("Task-").size()));
    });
  };
  const int first = number();
  const int each = number() - first;  // a run makes tasks of its own
  for (int i = 2; i <= 100; ++i) CHECK(number() == first + i * each);
}

TEST_CASE("a task's handle may outlive its loop, and go on another thread") {
  aio::Task<std::string> kept;
  aio::Task<> cancelled;
  aio::Task<int> dropped;
  {
    aio::EventLoop loop(aio::testing::virtual_time);
    const auto make_all = [&]() -> Coro<void> {
      kept = aio::create_task([]() -> Coro<std::string> { co_return std::string(100, 'k'); });
      cancelled = aio::create_task(aio::sleep(1h));
      dropped = aio::create_task(answer());
      co_await kept;
    };
    loop.run_until_complete(make_all());
    std::thread([task = std::move(dropped)] {}).join();
  }
  CHECK(cancelled.cancelled());
  std::thread([task = std::move(kept)] { CHECK(task.result().size() == 100); }).join();
  std::thread([task = std::move(cancelled)] {}).join();
}

TEST_CASE("a task that only yields keeps neither timers nor other threads waiting") {
  aio::run([]() -> Coro<void> {
    aio::EventLoop& loop = aio::get_running_loop();
    bool due = false;
    bool posted = false;
    loop.call_later(2ms, [&due] { due = true; });
    std::thread poster([&] { loop.call_soon_threadsafe([&posted] { posted = true; }); });
    while (!due || !posted) co_await aio::sleep(0);
    poster.join();
  });
}
