#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "aio/queue.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/probe.hpp"

using aio::Coro;
using aio::Queue;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

using Numbers = std::vector<int>;

template <class Q>
Numbers drain(Q& queue) {
  Numbers items;
  while (!queue.empty()) items.push_back(queue.get_nowait());
  return items;
}

Coro<void> get_into(Queue<int>& queue, Numbers& items) { items.push_back(co_await queue.get()); }

Coro<void> put_noted(Queue<int>& queue, Numbers& done, int item) {
  co_await queue.put(item);
  done.push_back(item);
}

/// It throws the next time that it is moved, once it was told to.
struct Fragile {
  explicit Fragile(int number) : value(number) {}
  Fragile(Fragile&& other) noexcept(false) : value(other.value) {
    if (std::exchange(breaks, false)) throw std::runtime_error("broken");
  }
  int value;
  static inline bool breaks = false;
};

}  // namespace

TEST_CASE("put does not overtake one who waits for room") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue(1);
    Numbers done;
    co_await queue.put(1);
    const auto first = aio::create_task(put_noted(queue, done, 2));
    co_await turns(1);
    CHECK(queue.get_nowait() == 1);
    CHECK_FALSE(queue.full());
    const auto second = aio::create_task(put_noted(queue, done, 3));
    co_await turns(3);
    CHECK(done == Numbers{2});
    CHECK(queue.get_nowait() == 2);
    co_await second;
    CHECK(queue.get_nowait() == 3);
  });
}

TEST_CASE("get does not overtake one who was woken though there are items for both [Q1]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    const auto first = aio::create_task(queue.get());
    co_await turns(1);
    queue.put_nowait(1);
    queue.put_nowait(2);
    const int second = co_await queue.get();
    CHECK(second == 2);
    const int item = co_await first;
    CHECK(item == 1);
  });
}

TEST_CASE("a woken getter that is cancelled loses no item and the next getter gets it [Q4]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    Numbers items;
    const auto first = aio::create_task(get_into(queue, items));
    const auto second = aio::create_task(get_into(queue, items));
    const auto third = aio::create_task(get_into(queue, items));
    co_await turns(1);
    queue.put_nowait(1);
    first.cancel();
    queue.put_nowait(2);
    co_await second;
    co_await third;
    CHECK(first.cancelled());
    CHECK(items == Numbers{1, 2});
  });
}

TEST_CASE("a woken getter that is cancelled leaves its item to a retry in order [Q4]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    const auto getter = aio::create_task(queue.get());
    co_await turns(1);
    queue.put_nowait(1);
    queue.put_nowait(2);
    getter.cancel();
    co_await turns(1);
    CHECK(getter.cancelled());
    CHECK(queue.qsize() == 2);
    const int retried = co_await queue.get();
    CHECK(retried == 1);
    CHECK(queue.get_nowait() == 2);
  });
}

TEST_CASE("a woken putter that is cancelled passes its room on and puts nothing [Q5]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue(1);
    Numbers done;
    co_await queue.put(1);
    const auto first = aio::create_task(put_noted(queue, done, 2));
    const auto second = aio::create_task(put_noted(queue, done, 3));
    co_await turns(1);
    CHECK(queue.get_nowait() == 1);
    first.cancel();
    co_await second;
    CHECK(first.cancelled());
    CHECK(done == Numbers{3});
    CHECK(drain(queue) == Numbers{3});
  });
}

TEST_CASE("cancelled waiters leave no residue [Q6]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue(1);
    std::vector<aio::Task<int>> getters;
    for (int i = 0; i < 100; ++i) getters.push_back(aio::create_task(queue.get()));
    co_await turns(1);
    for (const auto& getter : getters) getter.cancel();
    co_await turns(2);
    const auto turn = aio::get_running_loop().turn_count();
    co_await queue.put(1);
    const int item = co_await queue.get();  // nobody is before us
    CHECK(item == 1);
    co_await queue.put(2);
    CHECK(aio::get_running_loop().turn_count() == turn);
    std::vector<aio::Task<>> putters;
    for (int i = 0; i < 100; ++i) putters.push_back(aio::create_task(queue.put(7)));
    co_await turns(1);
    for (const auto& putter : putters) putter.cancel();
    co_await turns(2);
    CHECK(drain(queue) == Numbers{2});
    co_await queue.put(3);
    CHECK(drain(queue) == Numbers{3});
  });
}

TEST_CASE("get_nowait may take what a getter was woken for which then keeps its place") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    Numbers items;
    const auto first = aio::create_task(get_into(queue, items));
    const auto second = aio::create_task(get_into(queue, items));
    co_await turns(1);
    queue.put_nowait(1);
    queue.put_nowait(2);
    CHECK(queue.get_nowait() == 1);
    CHECK(queue.get_nowait() == 2);
    co_await turns(3);
    CHECK(items.empty());
    queue.put_nowait(3);
    co_await first;
    CHECK(items == Numbers{3});
    CHECK_FALSE(second.done());
    queue.put_nowait(4);
    CHECK(queue.get_nowait() == 4);
    queue.put_nowait(5);  // chosen, put back and chosen again within a turn
    co_await second;
    CHECK(items == Numbers{3, 5});
  });
}

TEST_CASE("put_nowait may take the room a putter was woken for which then keeps its place") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue(1);
    Numbers done;
    co_await queue.put(1);
    const auto first = aio::create_task(put_noted(queue, done, 2));
    const auto second = aio::create_task(put_noted(queue, done, 3));
    co_await turns(1);
    CHECK(queue.get_nowait() == 1);
    queue.put_nowait(4);
    co_await turns(3);
    CHECK(done.empty());
    for (const int expected : {4, 2, 3}) {
      CHECK(queue.get_nowait() == expected);
      co_await turns(2);
    }
    CHECK(done == Numbers{2, 3});
  });
}

TEST_CASE("a getter that was put back can be cancelled also before it was put back") {
  for (const bool cancel_first : {true, false}) {
    CAPTURE(cancel_first);
    aio::testing::run([cancel_first]() -> Coro<void> {
      Queue<int> queue;
      const auto getter = aio::create_task(outcome_of(queue.get()));
      co_await turns(1);
      queue.put_nowait(1);
      if (cancel_first) getter.cancel("enough");
      CHECK(queue.get_nowait() == 1);
      if (!cancel_first) getter.cancel("enough");
      const Outcome outcome = co_await getter;
      REQUIRE(outcome.cancelled.has_value());
      CHECK(outcome.cancelled->message() == "enough");
      queue.put_nowait(2);
      CHECK(queue.qsize() == 1);
    });
  }
}

TEST_CASE("a join can be cancelled") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    queue.put_nowait(1);
    const auto join = aio::create_task(queue.join());
    co_await turns(1);
    join.cancel();
    co_await turns(1);
    CHECK(join.cancelled());
    queue.task_done();
  });
}

TEST_CASE("items are neither copied nor destroyed twice on their way also when cancelled") {
  support::Counts counts;
  aio::testing::run([&counts]() -> Coro<void> {
    Queue<support::MoveOnlyProbe> queue(1);
    support::MoveOnlyProbe first(counts, 1);
    co_await queue.put(std::move(first));
    support::MoveOnlyProbe second(counts, 2);
    const auto putter = aio::create_task(queue.put(std::move(second)));
    support::MoveOnlyProbe third(counts, 3);
    const auto cancelled = aio::create_task(queue.put(std::move(third)));
    co_await turns(1);
    cancelled.cancel();
    auto item = co_await queue.get();
    CHECK(item.value == 1);
    co_await putter;
    auto other = co_await queue.get();
    CHECK(other.value == 2);
    support::MoveOnlyProbe left(counts, 4);
    queue.put_nowait(std::move(left));
  });
  CHECK(counts.copies == 0);
  CHECK(counts.alive() == 0);
}

TEST_CASE("a queue may be destroyed while tasks wait at it") {
  aio::testing::run([]() -> Coro<void> {
    std::optional<Queue<int>> queue(std::in_place, 1);
    const auto chosen = aio::create_task(outcome_of(queue->get()));
    const auto getter = aio::create_task(outcome_of(queue->get()));
    co_await turns(1);
    queue->put_nowait(1);
    queue.reset();
    const Outcome outcome = co_await chosen;
    CHECK(outcome.threw<aio::QueueShutDown>());
    CHECK_FALSE(getter.done());
    getter.cancel();
    const Outcome cancelled = co_await getter;
    CHECK(cancelled.cancelled.has_value());
  });
}

TEST_CASE("a put or a get that fails as it goes on leaves its turn to the next") {
  aio::testing::run([]() -> Coro<void> {
    Queue<Fragile> queue(1);
    queue.put_nowait(1);
    const auto put = aio::create_task(outcome_of(queue.put(2)));
    const auto next_put = aio::create_task(queue.put(3));
    co_await turns(1);
    CHECK(queue.get_nowait().value == 1);
    Fragile::breaks = true;
    co_await next_put;
    CHECK(put.result().threw<std::runtime_error>());
    CHECK(queue.get_nowait().value == 3);
    CHECK(queue.empty());
    const auto get = aio::create_task(outcome_of(queue.get()));
    const auto next_get = aio::create_task(queue.get());
    co_await turns(1);
    queue.put_nowait(4);
    Fragile::breaks = true;
    const Fragile& item = co_await next_get;
    CHECK(get.result().threw<std::runtime_error>());
    CHECK(item.value == 4);
  });
}
