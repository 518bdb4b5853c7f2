#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aio/queue.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/probe.hpp"

using aio::Coro;
using aio::Queue;
using aio::QueueShutDown;
using support::Outcome;
using support::outcome_of;
using support::turns;

TEST_CASE("puts fail at once after a shutdown also where there is room [Q8]") {
  aio::testing::run([]() -> Coro<void> {
    for (const std::ptrdiff_t maxsize : {0, 1, 2}) {
      Queue<int> queue(maxsize);
      queue.put_nowait(1);
      queue.shutdown();
      queue.shutdown();
      CHECK_THROWS_AS(queue.put_nowait(2), QueueShutDown);
      const auto turn = aio::get_running_loop().turn_count();
      const Outcome outcome = co_await outcome_of(queue.put(2));
      CHECK(outcome.threw<QueueShutDown>());
      CHECK(aio::get_running_loop().turn_count() == turn);
      CHECK(queue.qsize() == 1);
    }
  });
}

TEST_CASE("a shutdown wakes blocked putters with QueueShutDown and they put nothing [Q8]") {
  for (const bool immediate : {false, true}) {
    CAPTURE(immediate);
    aio::testing::run([immediate]() -> Coro<void> {
      Queue<int> queue(1);
      queue.put_nowait(1);
      const auto first = aio::create_task(outcome_of(queue.put(2)));
      const auto second = aio::create_task(outcome_of(queue.put(3)));
      co_await turns(1);
      queue.shutdown(immediate);
      co_await turns(1);
      REQUIRE(first.done());
      REQUIRE(second.done());
      CHECK(first.result().threw<QueueShutDown>());
      CHECK(second.result().threw<QueueShutDown>());
      CHECK(queue.qsize() == (immediate ? 0 : 1));
    });
  }
}

TEST_CASE("a putter that has been given room when the queue is shut down puts nothing [Q8]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue(1);
    queue.put_nowait(1);
    const auto putter = aio::create_task(outcome_of(queue.put(2)));
    co_await turns(1);
    CHECK(queue.get_nowait() == 1);
    queue.shutdown();
    const Outcome outcome = co_await putter;
    CHECK(outcome.threw<QueueShutDown>());
    CHECK(queue.empty());
  });
}

TEST_CASE("gets drain a queue that was shut down and then fail [Q8]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    for (int i = 0; i < 3; ++i) queue.put_nowait(i);
    queue.shutdown();
    const int first = co_await queue.get();
    CHECK(first == 0);
    CHECK(queue.get_nowait() == 1);
    const int last = co_await queue.get();
    CHECK(last == 2);
    CHECK_THROWS_AS(queue.get_nowait(), QueueShutDown);
    const Outcome outcome = co_await outcome_of(queue.get());
    CHECK(outcome.threw<QueueShutDown>());
  });
}

TEST_CASE("a shutdown wakes getters: first they get what is there and then they fail [Q8]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    std::vector<aio::Task<Outcome>> getters;
    for (int i = 0; i < 3; ++i) getters.push_back(aio::create_task(outcome_of(queue.get())));
    co_await turns(1);
    queue.put_nowait(1);
    queue.shutdown();
    const auto late = aio::create_task(outcome_of(queue.get()));
    co_await turns(3);
    CHECK(getters[0].result().returned);
    CHECK(getters[1].result().threw<QueueShutDown>());
    CHECK(getters[2].result().threw<QueueShutDown>());
    CHECK(late.result().threw<QueueShutDown>());
    CHECK(queue.empty());
  });
}

TEST_CASE("a getter does not overtake those that a shutdown has woken [Q8]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    const auto first = aio::create_task(queue.get());
    co_await turns(1);
    queue.put_nowait(1);
    queue.put_nowait(2);
    queue.shutdown();
    const int second = co_await queue.get();
    CHECK(second == 2);
    const int item = co_await first;
    CHECK(item == 1);
  });
}

TEST_CASE("join still needs task_done after a shutdown [Q8]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    queue.put_nowait(1);
    const auto join = aio::create_task(queue.join());
    co_await turns(1);
    queue.shutdown();
    co_await turns(2);
    CHECK_FALSE(join.done());
    CHECK(queue.get_nowait() == 1);
    co_await turns(2);
    CHECK_FALSE(join.done());
    queue.task_done();
    co_await join;
    CHECK_THROWS_AS(queue.task_done(), aio::ValueError);
  });
}

TEST_CASE("an immediate shutdown drops the items and counts them as done [Q9]") {
  support::Counts counts;
  aio::testing::run([&counts]() -> Coro<void> {
    Queue<support::Probe> queue;
    const support::Probe item(counts);
    for (int i = 0; i < 5; ++i) queue.put_nowait(item);
    const auto join = aio::create_task(queue.join());
    co_await turns(1);
    CHECK_FALSE(join.done());
    queue.shutdown(true);
    CHECK(queue.empty());
    CHECK(queue.qsize() == 0);
    CHECK(counts.alive() == 1);
    co_await join;
    CHECK_THROWS_AS(queue.task_done(), aio::ValueError);
  });
  CHECK(counts.alive() == 0);
}

TEST_CASE("gets fail at once after an immediate shutdown [Q9]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    const auto woken = aio::create_task(outcome_of(queue.get()));
    const auto waiting = aio::create_task(outcome_of(queue.get()));
    co_await turns(1);
    queue.put_nowait(1);
    queue.shutdown(true);
    CHECK_THROWS_AS(queue.get_nowait(), QueueShutDown);
    CHECK_THROWS_AS(queue.put_nowait(2), QueueShutDown);
    const Outcome outcome = co_await outcome_of(queue.get());
    CHECK(outcome.threw<QueueShutDown>());
    co_await turns(1);
    CHECK(woken.result().threw<QueueShutDown>());
    CHECK(waiting.result().threw<QueueShutDown>());
  });
}

TEST_CASE("an immediate shutdown wakes join only if nothing is in flight [Q9]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    for (int i = 0; i < 3; ++i) queue.put_nowait(i);
    CHECK(queue.get_nowait() == 0);  // in flight
    const auto join = aio::create_task(queue.join());
    co_await turns(1);
    queue.shutdown(true);
    co_await turns(3);
    CHECK_FALSE(join.done());
    queue.task_done();
    co_await join;
  });
}

TEST_CASE("an immediate shutdown after a mild one drops what is left [Q9]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    queue.put_nowait(1);
    queue.shutdown();
    CHECK(queue.qsize() == 1);
    queue.shutdown(true);
    CHECK_THROWS_AS(queue.get_nowait(), QueueShutDown);
    co_await queue.join();
  });
}

TEST_CASE("a waiter that is cancelled as the queue is shut down is cancelled [Q8]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue(1);
    const auto getter = aio::create_task(outcome_of(queue.get()));
    co_await turns(1);
    queue.shutdown();
    getter.cancel();
    const Outcome outcome = co_await getter;
    CHECK(outcome.cancelled.has_value());
  });
}

namespace {

/// Says how many there are, and may be told to throw once as it is moved.
struct Counted {
  explicit Counted(int& counter) : alive(&counter) { ++*alive; }
  Counted(Counted&& other) noexcept(false) : alive(other.alive) {
    if (std::exchange(breaks, false)) throw std::runtime_error("broken");
    ++*alive;
  }
  ~Counted() { --*alive; }
  int* alive;
  static inline bool breaks = false;
};

}  // namespace

TEST_CASE("a shutdown that fails over one item destroys the others all the same") {
  int alive = 0;
  {
    Queue<Counted> queue;
    for (int i = 0; i < 5; ++i) queue.put_nowait(alive);
    Counted::breaks = true;
    CHECK_THROWS_AS(queue.shutdown(true), std::runtime_error);
    CHECK(alive == 0);
  }
  CHECK(alive == 0);
}
