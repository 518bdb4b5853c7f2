#include "aio/semaphore.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aio/testing.hpp"
#include "aio/with.hpp"
#include "support/await.hpp"

using aio::BoundedSemaphore;
using aio::Coro;
using aio::Semaphore;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

Coro<void> take(Semaphore& semaphore, std::string& order, char name) {
  co_await semaphore.acquire();
  order += name;
}

}  // namespace

TEST_CASE("a semaphore gives out as many units as it has and is then locked [K9]") {
  aio::testing::run([]() -> Coro<void> {
    Semaphore semaphore(2);
    const auto turn = aio::get_running_loop().turn_count();
    CHECK_FALSE(semaphore.locked());
    const bool acquired = co_await semaphore.acquire();
    CHECK(acquired);
    CHECK_FALSE(semaphore.locked());
    co_await semaphore.acquire();
    CHECK(semaphore.locked());
    CHECK(aio::get_running_loop().turn_count() == turn);
    semaphore.release();
    CHECK_FALSE(semaphore.locked());
    const Semaphore one;
    CHECK_FALSE(one.locked());
  });
}

TEST_CASE("a semaphore may begin with no unit and not with fewer [K9]") {
  CHECK_THROWS_WITH_AS(Semaphore(-1), "Semaphore initial value must be >= 0", aio::ValueError);
  CHECK_THROWS_AS(BoundedSemaphore(-1), aio::ValueError);
  aio::testing::run([]() -> Coro<void> {
    Semaphore semaphore(0);
    CHECK(semaphore.locked());
    std::string order;
    const auto waiter = aio::create_task(take(semaphore, order, 'a'));
    co_await turns(3);
    CHECK_FALSE(waiter.done());
    semaphore.release();
    co_await waiter;
    CHECK(semaphore.locked());
  });
}

TEST_CASE(
    "a semaphore may be released more often than it was acquired and a bounded one not [K9]") {
  Semaphore semaphore(1);
  semaphore.release();
  aio::testing::run([&]() -> Coro<void> {
    co_await semaphore.acquire();
    co_await semaphore.acquire();
    CHECK(semaphore.locked());
    BoundedSemaphore bounded(2);
    CHECK_THROWS_WITH_AS(bounded.release(), "BoundedSemaphore released too many times",
                         aio::ValueError);
    co_await bounded.acquire();
    bounded.release();
    CHECK_THROWS_AS(bounded.release(), aio::ValueError);
    BoundedSemaphore none(0);
    CHECK_THROWS_AS(none.release(), aio::ValueError);
  });
}

TEST_CASE("a bounded semaphore hands its units on [K9]") {
  aio::testing::run([]() -> Coro<void> {
    BoundedSemaphore semaphore(1);
    std::string order;
    co_await semaphore.acquire();
    const auto a = aio::create_task(take(semaphore, order, 'a'));
    co_await turns(1);
    semaphore.release();
    co_await a;
    semaphore.release();
    CHECK_THROWS_AS(semaphore.release(), aio::ValueError);
  });
}

TEST_CASE("units go to those who wait in the order of their coming [K9]") {
  aio::testing::run([]() -> Coro<void> {
    Semaphore semaphore(0);
    std::string order;
    std::vector<aio::Task<>> tasks;
    for (const char name : {'a', 'b', 'c', 'd'}) {
      tasks.push_back(aio::create_task(take(semaphore, order, name)));
    }
    co_await turns(1);
    for (const char* const expected : {"a", "ab", "abc", "abcd"}) {
      semaphore.release();
      co_await turns(2);
      CHECK(order == expected);
    }
  });
}

TEST_CASE("a new arrival does not overtake one who was woken though there is a unit [K9]") {
  aio::testing::run([]() -> Coro<void> {
    Semaphore semaphore(0);
    std::string order;
    const auto a = aio::create_task(take(semaphore, order, 'a'));
    co_await turns(1);
    semaphore.release();
    semaphore.release();
    CHECK(semaphore.locked());  // one unit is left, but 'a' is before whoever comes
    co_await take(semaphore, order, 'b');
    CHECK(order == "ab");
    CHECK(a.done());
    CHECK(semaphore.locked());
    semaphore.release();
    CHECK_FALSE(semaphore.locked());
  });
}

TEST_CASE("one release after cancelled waiters wakes exactly the next live one [K9]") {
  aio::testing::run([]() -> Coro<void> {
    Semaphore semaphore(0);
    std::string order;
    std::vector<aio::Task<>> tasks;
    for (const char name : {'a', 'b', 'c', 'd'}) {
      tasks.push_back(aio::create_task(take(semaphore, order, name)));
    }
    co_await turns(1);
    tasks[0].cancel();
    tasks[1].cancel();
    semaphore.release();
    co_await turns(5);
    CHECK(order == "c");
    CHECK(semaphore.locked());
    CHECK_FALSE(tasks[3].done());
    semaphore.release();
    co_await turns(5);
    CHECK(order == "cd");
  });
}

TEST_CASE("a waiter cancelled after it was given its unit passes it on [K9]") {
  aio::testing::run([]() -> Coro<void> {
    Semaphore semaphore(0);
    std::string order;
    const auto a = aio::create_task(take(semaphore, order, 'a'));
    const auto b = aio::create_task(take(semaphore, order, 'b'));
    co_await turns(1);
    semaphore.release();
    a.cancel();
    co_await b;
    CHECK(a.cancelled());
    CHECK(order == "b");
    CHECK(semaphore.locked());
  });
}

TEST_CASE("no hang after a cancelled waiter and its unit is there again [K9]") {
  for (const bool chosen : {true, false}) {
    CAPTURE(chosen);
    aio::testing::run([chosen]() -> Coro<void> {
      Semaphore semaphore(0);
      std::string order;
      const auto a = aio::create_task(take(semaphore, order, 'a'));
      co_await turns(1);
      if (chosen) semaphore.release();
      a.cancel();
      co_await turns(2);
      CHECK(a.cancelled());
      if (!chosen) semaphore.release();
      CHECK_FALSE(semaphore.locked());
      co_await take(semaphore, order, 'b');
      CHECK(order == "b");
      CHECK(semaphore.locked());
    });
  }
}

TEST_CASE("a cancelled waiter does not keep those behind it from units that are there [K9]") {
  aio::testing::run([]() -> Coro<void> {
    Semaphore semaphore(0);
    std::string order;
    const auto a = aio::create_task(take(semaphore, order, 'a'));
    co_await turns(1);
    semaphore.release();
    semaphore.release();
    const auto b = aio::create_task(take(semaphore, order, 'b'));
    const auto c = aio::create_task(take(semaphore, order, 'c'));
    a.cancel();
    co_await b;
    co_await c;
    CHECK(order == "bc");
    CHECK(semaphore.locked());
  });
}

TEST_CASE("several releases wake several waiters in order before later tasks [K10]") {
  aio::testing::run([]() -> Coro<void> {
    Semaphore semaphore(0);
    std::string order;
    std::vector<aio::Task<>> tasks;
    for (const char name : {'a', 'b', 'c'}) {
      tasks.push_back(aio::create_task(take(semaphore, order, name)));
    }
    co_await turns(1);
    semaphore.release();
    semaphore.release();
    semaphore.release();
    semaphore.release();
    semaphore.release();
    for (const char name : {'d', 'e'}) {
      tasks.push_back(aio::create_task(take(semaphore, order, name)));
    }
    co_await aio::gather(tasks);
    CHECK(order == "abcde");
    CHECK(semaphore.locked());
  });
}

TEST_CASE("what scoped_lock of a semaphore gives releases a unit at the end of its scope") {
  aio::testing::run([]() -> Coro<void> {
    BoundedSemaphore semaphore(1);
    {
      const auto held = co_await semaphore.scoped_lock();
      CHECK(semaphore.locked());
    }
    CHECK_FALSE(semaphore.locked());
    auto held = co_await semaphore.scoped_lock();
    const auto waiter = aio::create_task(outcome_of(semaphore.scoped_lock()));
    co_await turns(1);
    const aio::Held<Semaphore> moved(std::move(held));
    held.release();
    co_await turns(2);
    CHECK_FALSE(waiter.done());
    waiter.cancel();
    const Outcome outcome = co_await waiter;
    CHECK(outcome.cancelled.has_value());
    CHECK(semaphore.locked());
  });
}

TEST_CASE("with holds a unit for as long as its body and whatever it ends with") {
  aio::testing::run([]() -> Coro<void> {
    BoundedSemaphore semaphore(1);
    const auto body = [&]() -> Coro<void> {
      CHECK(semaphore.locked());
      throw std::runtime_error("on purpose");
      co_return;
    };
    const Outcome outcome = co_await outcome_of(aio::with(semaphore, body));
    CHECK(outcome.threw<std::runtime_error>());
    CHECK_FALSE(semaphore.locked());
  });
}

TEST_CASE("a semaphore may be destroyed while tasks wait for it and they wait until cancelled") {
  aio::testing::run([]() -> Coro<void> {
    std::optional<Semaphore> semaphore(std::in_place, 0);
    const auto chosen = aio::create_task(outcome_of(semaphore->acquire()));
    const auto waiter = aio::create_task(semaphore->acquire());
    co_await turns(1);
    semaphore->release();
    semaphore.reset();
    const Outcome outcome = co_await chosen;
    CHECK(outcome.threw<aio::RuntimeError>());
    CHECK_FALSE(waiter.done());  // the end of the run cancels it
  });
}
