#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/coroutines.hpp"
#include "support/death.hpp"
#include "support/probe.hpp"
#include "support/sanitized.hpp"

// Where a Timeout is, and for how long: it stands in the loop's heap and its ready queue, and must
// have left both when it goes away.

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using aio::Timeout;
using aio::TimeoutError;
using support::now;
using support::Outcome;
using support::outcome_of;
using support::sleep_an_hour;
using support::turns;

namespace {
std::atomic<std::size_t> allocations = 0;
}

#ifndef AIO_SANITIZED
// The whole test program's: they only count. Inlined, they would look mismatched to the compiler.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace {

std::size_t armed_timers() { return aio::get_running_loop().state().timers.size(); }

}  // namespace

TEST_CASE("a Timeout can be moved before it is entered and counts as used up then") {
  static_assert(std::is_nothrow_move_constructible_v<Timeout>);
  static_assert(!std::is_copy_constructible_v<Timeout>);
  static_assert(!std::is_move_assignable_v<Timeout>);
  aio::testing::run([]() -> Coro<void> {
    Timeout first = aio::timeout(1s);
    Timeout second(std::move(first));
    const auto start = now();
    const Outcome unused = co_await outcome_of(aio::with(first, sleep_an_hour));
    CHECK(unused.threw<aio::RuntimeError>());
    CHECK(now() == start);
    const Outcome used = co_await outcome_of(aio::with(second, sleep_an_hour));
    CHECK(used.threw<TimeoutError>());
    CHECK(now() == start + 1s);
  });
}

TEST_CASE("moving a Timeout that was entered aborts") {
  const auto words = support::last_words([] {
    aio::testing::run([]() -> Coro<void> {
      const auto body = [](Timeout& scope) -> Coro<void> {
        const Timeout moved(std::move(scope));
        co_return;
      };
      co_await aio::with(aio::timeout(1s), body);
    });
  });
  CHECK(words.find("a Timeout was moved after it was entered") != std::string::npos);
}

TEST_CASE("a Timeout that is destroyed while active leaves the timers") {
  aio::testing::run([]() -> Coro<void> {
    const std::size_t before = armed_timers();
    {
      Timeout scope = aio::timeout(1s);
      co_await scope.enter();
      CHECK(armed_timers() == before + 1);
    }
    CHECK(armed_timers() == before);
    co_await aio::sleep(1h);
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("a Timeout that is destroyed when it is about to fire does not fire") {
  aio::testing::run([]() -> Coro<void> {
    auto scope = std::make_optional(aio::timeout(0));
    co_await scope->enter();
    scope.reset();
    co_await turns(3);
    CHECK(aio::current_task().cancelling() == 0);

    const auto deadline = now() + 1s;
    scope.emplace(aio::timeout_at(deadline));
    // Both are due in the same turn; the callback is called first.
    aio::get_running_loop().call_at(deadline, [&scope] { scope.reset(); });
    co_await scope->enter();
    co_await aio::sleep(2s);
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("a scope that is left in the turn of its deadline does not fire later") {
  aio::testing::run([]() -> Coro<void> {
    const auto future = aio::get_running_loop().create_future<int>();
    const auto deadline = now() + 1s;
    const auto set = [future]() -> Coro<void> {
      co_await aio::sleep(1s);
      future.set_result(3);
      // The task that waits for it is ready before the deadline is looked at.
      aio::get_running_loop().call_soon([] {});
    };
    const auto setter = aio::create_task(set);
    co_await turns(1);
    Timeout scope = aio::timeout_at(deadline + 1ns);
    const auto body = [future]() -> Coro<int> { co_return co_await future; };
    const int value = co_await aio::with(scope, body);
    CHECK(value == 3);
    CHECK_FALSE(scope.expired());
    co_await aio::sleep(1s);
    CHECK(aio::current_task().cancelling() == 0);
  });
}

TEST_CASE("many scopes left while they wait for their turn to fire leave no trace") {
  aio::testing::run([]() -> Coro<void> {
    for (int i = 0; i < 1'000; ++i) {  // the ready queue grows on the way
      co_await aio::with(aio::timeout(0), [] { return turns(0); });
    }
    CHECK(aio::current_task().cancelling() == 0);
    co_await turns(2);
    const Outcome outcome =
        co_await outcome_of(aio::with(aio::timeout(0), [] { return turns(1); }));
    CHECK(outcome.threw<TimeoutError>());
  });
}

TEST_CASE("a reschedule while a scope waits for its turn to fire takes that back") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = [](Timeout& scope) -> Coro<void> {
      for (int i = 0; i < 100; ++i) scope.reschedule(now());
      scope.reschedule(now() + 1h);
      co_await aio::sleep(1s);
      scope.reschedule(now() - 1h);
      scope.reschedule(std::nullopt);
      co_await aio::sleep(1h);
    };
    co_await aio::with(aio::timeout(0), body);
  });
}

TEST_CASE("a loop that is closed over active scopes ends them") {
  support::Counts counts;
  {
    aio::EventLoop loop(aio::testing::virtual_time);
    loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
    const auto body = [](support::Probe probe) -> Coro<void> {
      const support::Probe local(probe);
      const auto in_outer = [] { return aio::with(aio::timeout(2h), sleep_an_hour); };
      co_await aio::with(aio::timeout(1h), in_outer);
    };
    for (int i = 0; i < 10; ++i) {
      static_cast<void>(loop.create_task(body, support::Probe(counts)));
    }
    loop.run_until_complete(aio::sleep(1s));
    CHECK(counts.alive() > 0);
  }
  CHECK(counts.alive() == 0);
}

TEST_CASE("a Timeout that outlives its loop can be destroyed") {
  std::deque<Timeout> scopes;
  aio::testing::run([&]() -> Coro<void> {
    scopes.emplace_back(aio::timeout(1s));
    scopes.emplace_back(aio::timeout(0));
    for (Timeout& scope : scopes) co_await scope.enter();
  });
  CHECK_FALSE(scopes.front().expired());
  scopes.clear();
}

TEST_CASE("arming and moving and disarming a deadline allocates nothing after warm-up") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = [](Timeout& scope) -> Coro<std::size_t> {
      const auto arm = [&scope] {
        for (int i = 1; i <= 100; ++i) {
          scope.reschedule(now() + i * 1h);  // in the heap
          scope.reschedule(now());           // in the ready queue
          scope.reschedule(std::nullopt);
        }
      };
      arm();  // warm-up: the ready queue grows
      co_await turns(1);
      arm();
      co_await turns(1);
      const std::size_t before = allocations;
      arm();
      co_return allocations - before;
    };
    const std::size_t count = co_await aio::with(aio::timeout(std::nullopt), body);
    CHECK(count == 0);
#ifndef AIO_SANITIZED
    const std::size_t before = allocations;
    const auto* const volatile allocated = new int(1);
    CHECK(allocations > before);  // it does count
    delete allocated;
#endif
  });
}

TEST_CASE("temporaries of awaited scopes and waits are destroyed once") {
  support::Counts counts;
  aio::testing::run(
      [](support::Counts& all) -> Coro<void> {
        const auto value_of = [](support::Probe probe) -> Coro<int> {
          co_await aio::sleep(1s);
          co_return probe.value;
        };
        const int a = co_await aio::wait_for(value_of(support::Probe(all, 1)), 1h);
        const int b =
            co_await aio::wait_for(aio::create_task(value_of(support::Probe(all, 2))), 1h);
        const int c = co_await aio::shield(value_of(support::Probe(all, 3)));
        const support::Probe d = co_await aio::wait_for(aio::sleep(1s, support::Probe(all, 4)), 1h);
        CHECK(a + b + c + d.value == 10);
        const support::Probe kept(all, 5);
        const auto body = [kept](Timeout&) -> Coro<support::Probe> {
          co_await aio::sleep(1s);
          co_return kept;
        };
        const support::Probe e = co_await aio::with(aio::timeout(1h), body);
        CHECK(e.value == 5);
        const Outcome late = co_await outcome_of(aio::with(aio::timeout(1ms), body));
        CHECK(late.threw<TimeoutError>());
        std::vector<Coro<int>> coros;
        coros.push_back(value_of(support::Probe(all, 6)));
        coros.push_back(value_of(support::Probe(all, 7)));
        int sum = 0;
        for (auto next : aio::as_completed(std::move(coros), 1h)) sum += co_await std::move(next);
        CHECK(sum == 13);
      },
      std::ref(counts));
  CHECK(counts.made > 0);
  CHECK(counts.alive() == 0);
}
