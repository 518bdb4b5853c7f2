#include "aio/lock.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aio/testing.hpp"
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

/// Takes the lock, notes it and keeps it.
Coro<void> take(Lock& lock, std::string& order, char name) {
  co_await lock.acquire();
  order += name;
}

}  // namespace

TEST_CASE("a free lock is taken at once and is locked until it is released [K1]") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    CHECK_FALSE(lock.locked());
    const auto turn = aio::get_running_loop().turn_count();
    const bool acquired = co_await lock.acquire();
    CHECK(acquired);
    CHECK(aio::get_running_loop().turn_count() == turn);
    CHECK(lock.locked());
    lock.release();
    CHECK_FALSE(lock.locked());
  });
}

TEST_CASE("release hands the lock to those who wait in the order of their coming [K1]") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    std::string order;
    co_await lock.acquire();
    std::vector<aio::Task<>> tasks;
    for (const char name : {'a', 'b', 'c', 'd'}) {
      tasks.push_back(aio::create_task(pass_through(lock, order, name)));
    }
    co_await turns(3);
    CHECK(order.empty());
    lock.release();
    co_await aio::gather(tasks);
    CHECK(order == "abcd");
    CHECK_FALSE(lock.locked());
  });
}

TEST_CASE("nobody overtakes one who was woken and has not gone on yet [K1]") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    std::string order;
    co_await lock.acquire();
    const auto first = aio::create_task(pass_through(lock, order, 'a'));
    const auto second = aio::create_task(pass_through(lock, order, 'b'));
    co_await turns(1);
    lock.release();
    CHECK_FALSE(lock.locked());
    co_await pass_through(lock, order, 'c');  // asks while the lock is free, and waits all the same
    CHECK(order == "abc");
    CHECK(first.done());
    CHECK(second.done());
  });
}

TEST_CASE("release of a lock that nobody has is a RuntimeError and changes nothing [K1]") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    CHECK_THROWS_WITH_AS(lock.release(), "Lock is not acquired.", aio::RuntimeError);
    co_await lock.acquire();
    lock.release();
    CHECK_THROWS_AS(lock.release(), aio::RuntimeError);
    co_await lock.acquire();
    CHECK(lock.locked());
  });
}

TEST_CASE("a second release before the woken one goes on is a RuntimeError [K1]") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    std::string order;
    co_await lock.acquire();
    const auto waiter = aio::create_task(take(lock, order, 'a'));
    co_await turns(1);
    lock.release();
    CHECK_THROWS_AS(lock.release(), aio::RuntimeError);
    co_await waiter;
    CHECK(lock.locked());
  });
}

TEST_CASE(
    "the first who waits, cancelled as the lock is released, leaves it to the next [K2][K3]") {
  for (const bool cancel_first : {true, false}) {
    CAPTURE(cancel_first);
    aio::testing::run([cancel_first]() -> Coro<void> {
      Lock lock;
      std::string order;
      co_await lock.acquire();
      const auto a = aio::create_task(take(lock, order, 'a'));
      const auto b = aio::create_task(take(lock, order, 'b'));
      const auto c = aio::create_task(take(lock, order, 'c'));
      co_await turns(1);
      if (cancel_first) a.cancel();
      lock.release();
      if (!cancel_first) a.cancel();  // it was chosen already
      co_await turns(5);
      CHECK(a.cancelled());
      CHECK(order == "b");
      CHECK(lock.locked());
      CHECK_FALSE(c.done());
      lock.release();
      co_await c;
      CHECK(order == "bc");
    });
  }
}

TEST_CASE("a whole row of waiters cancelled one after the other pass the lock on [K3]") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    std::string order;
    co_await lock.acquire();
    std::vector<aio::Task<>> tasks;
    for (const char name : {'a', 'b', 'c', 'd'}) {
      tasks.push_back(aio::create_task(take(lock, order, name)));
    }
    co_await turns(1);
    lock.release();
    for (int i = 0; i < 3; ++i) {
      tasks[static_cast<std::size_t>(i)].cancel();
      co_await turns(1);
    }
    co_await tasks[3];
    CHECK(order == "d");
  });
}

TEST_CASE("a lock whose only waiter is cancelled when chosen is free again [K3]") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    std::string order;
    co_await lock.acquire();
    const auto waiter = aio::create_task(take(lock, order, 'a'));
    co_await turns(1);
    lock.release();
    waiter.cancel();
    co_await turns(2);
    CHECK(waiter.cancelled());
    CHECK_FALSE(lock.locked());
    const auto turn = aio::get_running_loop().turn_count();
    co_await lock.acquire();
    CHECK(aio::get_running_loop().turn_count() == turn);
  });
}

TEST_CASE("a cancelled wait throws CancelledError with its message and does not touch the lock") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    co_await lock.acquire();
    const auto waiter = aio::create_task(outcome_of(lock.acquire()));
    co_await turns(1);
    waiter.cancel("no longer");
    const Outcome outcome = co_await waiter;
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "no longer");
    CHECK(lock.locked());
  });
}

TEST_CASE("a waiter whose cancellation is taken back before it sees it gets the lock") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    std::string order;
    co_await lock.acquire();
    const auto waiter = aio::create_task(take(lock, order, 'a'));
    co_await turns(1);
    lock.release();
    waiter.cancel();
    waiter.uncancel();
    co_await waiter;
    CHECK(order == "a");
    CHECK(lock.locked());
  });
}

TEST_CASE("a task that cancelled itself throws at an acquire that has to wait") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    co_await lock.acquire();
    const auto body = [](Lock& awaited) -> Coro<Outcome> {
      aio::current_task().cancel();
      co_return co_await outcome_of(awaited.acquire());
    };
    const auto task = aio::create_task(body, std::ref(lock));
    const Outcome outcome = co_await task;
    CHECK(outcome.cancelled.has_value());
    lock.release();
    CHECK_FALSE(lock.locked());
  });
}

TEST_CASE("a lock may be destroyed while tasks wait for it and they wait until cancelled") {
  aio::testing::run([]() -> Coro<void> {
    std::optional<Lock> lock(std::in_place);
    co_await lock->acquire();
    const auto waiter = aio::create_task(lock->acquire());
    const auto other = aio::create_task(lock->acquire());
    co_await turns(1);
    lock.reset();
    co_await turns(3);
    CHECK_FALSE(waiter.done());
    waiter.cancel();
    other.cancel();
    co_await turns(2);
    CHECK(waiter.cancelled());
    CHECK(other.cancelled());
  });
}

TEST_CASE("a task that was chosen for a lock that is then destroyed gets a RuntimeError") {
  aio::testing::run([]() -> Coro<void> {
    std::optional<Lock> lock(std::in_place);
    co_await lock->acquire();
    const auto waiter = aio::create_task(outcome_of(lock->acquire()));
    co_await turns(1);
    lock->release();
    lock.reset();
    const Outcome outcome = co_await waiter;
    CHECK(outcome.threw<aio::RuntimeError>());
  });
}
