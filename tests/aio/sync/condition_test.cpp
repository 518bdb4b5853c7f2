#include "aio/condition.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aio/testing.hpp"
#include "aio/with.hpp"
#include "support/await.hpp"
#include "support/death.hpp"
#include "support/loop_test.hpp"

using aio::Condition;
using aio::Coro;
using aio::Lock;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

/// Waits once with the lock held, and notes that it came back with it.
Coro<void> wait_once(Condition& condition, std::string& order, char name) {
  const auto held = co_await condition.scoped_lock();
  co_await condition.wait();
  CHECK(condition.locked());
  order += name;
}

/// How a wait ended, and whether the lock was held then.
Coro<std::pair<Outcome, bool>> wait_and_look(Condition& condition) {
  const auto held = co_await condition.scoped_lock();
  Outcome outcome = co_await outcome_of(condition.wait());
  const bool locked = condition.locked();
  co_return std::pair(std::move(outcome), locked);
}

Coro<void> notify_one(Condition& condition) {
  const auto held = co_await condition.scoped_lock();
  condition.notify();
}

}  // namespace

TEST_CASE("wait and notify without the lock are RuntimeErrors [K5]") {
  aio::testing::run([]() -> Coro<void> {
    Condition condition;
    const Outcome outcome = co_await outcome_of(condition.wait());
    CHECK(outcome.threw<aio::RuntimeError>());
    CHECK(support::text_of(outcome.failed) == "cannot wait on un-acquired lock");
    CHECK_THROWS_WITH_AS(condition.notify(), "cannot notify on un-acquired lock",
                         aio::RuntimeError);
    CHECK_THROWS_AS(condition.notify_all(), aio::RuntimeError);
    CHECK_FALSE(condition.locked());
    co_await condition.acquire();
    condition.notify();
    condition.notify_all();
    condition.release();
  });
}

TEST_CASE("wait releases the lock and has it again when it returns [K5]") {
  aio::testing::run([]() -> Coro<void> {
    Condition condition;
    std::string order;
    const auto waiter = aio::create_task(wait_once(condition, order, 'a'));
    co_await turns(2);
    CHECK_FALSE(condition.locked());
    co_await condition.acquire();
    condition.notify();
    co_await turns(3);
    CHECK(order.empty());  // notified, but we have the lock
    condition.release();
    co_await waiter;
    CHECK(order == "a");
    CHECK_FALSE(condition.locked());
  });
}

TEST_CASE("notify wakes as many as it is told to in the order of their coming") {
  aio::testing::run([]() -> Coro<void> {
    Condition condition;
    std::string order;
    std::vector<aio::Task<>> tasks;
    for (const char name : {'a', 'b', 'c', 'd', 'e', 'f'}) {
      tasks.push_back(aio::create_task(wait_once(condition, order, name)));
    }
    co_await turns(2);
    co_await notify_one(condition);
    co_await turns(10);
    CHECK(order == "a");
    co_await condition.acquire();
    condition.notify(0);
    condition.notify(2);
    condition.release();
    co_await turns(10);
    CHECK(order == "abc");
    co_await condition.acquire();
    condition.notify_all();
    condition.release();
    co_await aio::gather(tasks);
    CHECK(order == "abcdef");
  });
}

TEST_CASE("a notification with nobody waiting is not kept for later") {
  aio::testing::run([]() -> Coro<void> {
    Condition condition;
    std::string order;
    co_await notify_one(condition);
    const auto waiter = aio::create_task(wait_once(condition, order, 'a'));
    co_await turns(5);
    CHECK_FALSE(waiter.done());
    co_await notify_one(condition);
    co_await waiter;
  });
}

TEST_CASE("a cancelled wait has the lock again before it throws [K5]") {
  aio::testing::run([]() -> Coro<void> {
    Condition condition;
    const auto waiter = aio::create_task(wait_and_look(condition));
    co_await turns(2);
    waiter.cancel("enough");
    co_await turns(3);
    const auto& [outcome, locked] = co_await waiter;
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "enough");
    CHECK(locked);
    CHECK_FALSE(condition.locked());
  });
}

TEST_CASE("a wait that is cancelled while another has the lock throws once it has it [K5]") {
  aio::testing::run([]() -> Coro<void> {
    Condition condition;
    const auto waiter = aio::create_task(wait_and_look(condition));
    co_await turns(2);
    co_await condition.acquire();
    waiter.cancel("first");
    co_await turns(3);
    CHECK_FALSE(waiter.done());
    waiter.cancel("second");  // while it waits for the lock
    co_await turns(3);
    CHECK_FALSE(waiter.done());
    condition.release();
    const auto& [outcome, locked] = co_await waiter;
    REQUIRE(outcome.cancelled.has_value());
    CHECK(outcome.cancelled->message() == "second");
    CHECK(locked);
    CHECK(waiter.cancelling() == 2);
  });
}

TEST_CASE("a cancellation during the wait for the lock is remembered and thrown after [K5]") {
  // Cancelled after notify: before the lock is released, or when it has been handed over already.
  for (const bool before_release : {true, false}) {
    CAPTURE(before_release);
    aio::testing::run([before_release]() -> Coro<void> {
      Condition condition;
      const auto waiter = aio::create_task(wait_and_look(condition));
      co_await turns(2);
      co_await condition.acquire();
      condition.notify();
      co_await turns(1);
      if (before_release) waiter.cancel("late");
      condition.release();
      if (!before_release) waiter.cancel("late");
      const auto& [outcome, locked] = co_await waiter;
      REQUIRE(outcome.cancelled.has_value());
      CHECK(outcome.cancelled->message() == "late");
      CHECK(locked);
      CHECK_FALSE(condition.locked());
    });
  }
}

TEST_CASE("a notification whose receiver is cancelled goes to another [K6]") {
  for (const bool before_release : {true, false}) {
    CAPTURE(before_release);
    aio::testing::run([before_release]() -> Coro<void> {
      Condition condition;
      std::string order;
      const auto first = aio::create_task(wait_once(condition, order, 'a'));
      const auto second = aio::create_task(wait_once(condition, order, 'b'));
      const auto third = aio::create_task(wait_once(condition, order, 'c'));
      co_await turns(2);
      co_await condition.acquire();
      condition.notify();
      if (before_release) first.cancel();
      condition.release();
      if (!before_release) first.cancel();
      co_await second;
      co_await turns(5);
      CHECK(first.cancelled());
      CHECK(order == "b");
      CHECK_FALSE(third.done());  // one notification, one wake-up
      co_await notify_one(condition);
      co_await third;
    });
  }
}

TEST_CASE("a waiter cancelled before notify takes no notification away [K6]") {
  aio::testing::run([]() -> Coro<void> {
    Condition condition;
    std::string order;
    const auto first = aio::create_task(wait_once(condition, order, 'a'));
    const auto second = aio::create_task(wait_once(condition, order, 'b'));
    const auto third = aio::create_task(wait_once(condition, order, 'c'));
    co_await turns(2);
    co_await condition.acquire();
    first.cancel();
    condition.notify();
    condition.release();
    co_await second;
    co_await turns(5);
    CHECK(first.cancelled());
    CHECK(order == "b");
    CHECK_FALSE(third.done());
    co_await notify_one(condition);
    co_await third;
  });
}

TEST_CASE("wait_for waits until its predicate is true and gives its value [K7]") {
  aio::testing::run([]() -> Coro<void> {
    Condition condition;
    int value = 0;
    int asked = 0;
    const auto body = [](Condition& awaited, int& watched, int& calls) -> Coro<int> {
      const auto held = co_await awaited.scoped_lock();
      const auto predicate = [&] {
        CHECK(awaited.locked());
        ++calls;
        return watched >= 2 ? watched : 0;
      };
      co_return co_await awaited.wait_for(predicate);
    };
    const auto waiter =
        aio::create_task(body, std::ref(condition), std::ref(value), std::ref(asked));
    co_await turns(2);
    CHECK(asked == 1);
    for (const int next : {1, 2, 3}) {
      value = next;
      co_await notify_one(condition);
      co_await turns(3);
      CHECK(asked == (next < 2 ? 2 : 3));
      CHECK(waiter.done() == (next >= 2));
    }
    CHECK(waiter.result() == 2);
  });
}

TEST_CASE("wait_for returns at once if its predicate is true [K7]") {
  aio::testing::run([]() -> Coro<void> {
    Condition condition;
    const auto held = co_await condition.scoped_lock();
    const auto turn = aio::get_running_loop().turn_count();
    const bool result = co_await condition.wait_for([] { return true; });
    CHECK(result);
    CHECK(aio::get_running_loop().turn_count() == turn);
  });
}

TEST_CASE("wait_for without the lock is a RuntimeError and a predicate may throw [K7]") {
  aio::testing::run([]() -> Coro<void> {
    Condition condition;
    const Outcome unlocked = co_await outcome_of(condition.wait_for([] { return false; }));
    CHECK(unlocked.threw<aio::RuntimeError>());
    const auto held = co_await condition.scoped_lock();
    const Outcome failed = co_await outcome_of(
        condition.wait_for([]() -> bool { throw std::logic_error("on purpose"); }));
    CHECK(failed.threw<std::logic_error>());
    CHECK(condition.locked());
  });
}

TEST_CASE("a condition may share the lock of another") {
  aio::testing::run([]() -> Coro<void> {
    Lock lock;
    Condition filled(lock);
    Condition emptied(lock);
    std::string order;
    const auto one = aio::create_task(wait_once(filled, order, 'a'));
    const auto other = aio::create_task(wait_once(emptied, order, 'b'));
    co_await turns(2);
    co_await lock.acquire();
    CHECK(filled.locked());
    emptied.notify();
    lock.release();
    co_await other;
    CHECK(order == "b");
    co_await emptied.acquire();
    filled.notify();  // by whoever has the lock
    emptied.release();
    co_await one;
    CHECK(order == "ba");
  });
}

TEST_CASE("with holds the lock of a condition for as long as its body") {
  aio::testing::run([]() -> Coro<void> {
    Condition condition;
    co_await aio::with(condition, [](Condition& held) -> Coro<void> {
      CHECK(held.locked());
      held.notify_all();
      co_return;
    });
    CHECK_FALSE(condition.locked());
  });
}

TEST_CASE("a condition that is destroyed while a task waits for it aborts and says so") {
  const std::string words = support::last_words([] {
    aio::testing::run([]() -> Coro<void> {
      Condition condition;
      std::string order;
      static_cast<void>(aio::create_task(wait_once(condition, order, 'a')));
      co_await turns(2);
    });
  });
  CHECK(words.find("a Condition was destroyed while a task waited for it") != std::string::npos);
}
