#include "aio/held.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "aio/lock.hpp"
#include "aio/testing.hpp"
#include "aio/with.hpp"
#include "support/await.hpp"

using aio::Coro;
using aio::Lock;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

/// Takes the lock, notes it, keeps it for `held` turns and gives it back.
Coro<void> pass_through(Lock& lock, std::string& order, char name, int held = 1) {
  co_await lock.acquire();
  order += name;
  co_await turns(held);
  lock.release();
}

}  // namespace

TEST_CASE("what scoped_lock gives releases the lock at the end of its scope") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    std::string order;
    std::optional<aio::Task<>> waiter;
    {
      const auto held = co_await lock.scoped_lock();
      CHECK(static_cast<bool>(held));
      CHECK(lock.locked());
      waiter = aio::create_task(pass_through(lock, order, 'a'));
      co_await turns(3);
      CHECK(order.empty());
    }
    {
      const auto held = co_await lock.scoped_lock();  // waits for the other
      CHECK(order == "a");
      CHECK(lock.locked());
    }
    CHECK_FALSE(lock.locked());
  });
}

TEST_CASE("what scoped_lock gives can be moved and released early and releases once") {
  static_assert(!std::is_copy_constructible_v<aio::Held<Lock>>);
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    Lock other;
    auto held = co_await lock.scoped_lock();
    aio::Held<Lock> moved(std::move(held));
    CHECK(static_cast<bool>(moved));
    CHECK(lock.locked());
    moved = co_await other.scoped_lock();  // gives the first back
    CHECK_FALSE(lock.locked());
    CHECK(other.locked());
    moved.release();
    CHECK_FALSE(other.locked());
    CHECK_FALSE(static_cast<bool>(moved));
    moved.release();
    const aio::Held<Lock> nothing;
    CHECK_FALSE(static_cast<bool>(nothing));
  });
}

TEST_CASE("a scoped lock is released when its scope is left by an exception or a cancellation") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    const auto body = [](Lock& held_lock, bool fail) -> Coro<void> {
      const auto held = co_await held_lock.scoped_lock();
      if (fail) throw std::runtime_error("on purpose");
      co_await aio::get_running_loop().create_future();
    };
    const Outcome failed = co_await outcome_of(body(lock, true));
    CHECK(failed.threw<std::runtime_error>());
    CHECK_FALSE(lock.locked());
    const auto task = aio::create_task(body, std::ref(lock), false);
    co_await turns(1);
    CHECK(lock.locked());
    task.cancel();
    co_await turns(2);
    CHECK(task.cancelled());
    CHECK_FALSE(lock.locked());
  });
}

TEST_CASE("a cancelled wait for a scoped lock leaves it to the next [K3]") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    co_await lock.acquire();
    const auto first = aio::create_task(outcome_of(lock.scoped_lock()));
    const auto second = aio::create_task(lock.acquire());
    co_await turns(1);
    lock.release();
    first.cancel();
    co_await second;
    CHECK(first.done());
    CHECK(lock.locked());
  });
}

TEST_CASE("with holds a lock for as long as its body and whatever it ends with") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    const int result = co_await aio::with(lock, [](Lock& held) -> Coro<int> {
      CHECK(held.locked());
      co_return 7;
    });
    CHECK(result == 7);
    CHECK_FALSE(lock.locked());
    const auto fail = []() -> Coro<void> {
      throw std::runtime_error("on purpose");
      co_return;
    };
    const Outcome outcome = co_await outcome_of(aio::with(lock, fail));
    CHECK(outcome.threw<std::runtime_error>());
    CHECK_FALSE(lock.locked());
  });
}
