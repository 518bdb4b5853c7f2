#include "aio/queue.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aio/testing.hpp"
#include "support/await.hpp"

using aio::Coro;
using aio::LifoQueue;
using aio::PriorityQueue;
using aio::Queue;
using support::turns;

namespace {

using Numbers = std::vector<int>;

template <class Q>
Numbers drain(Q& queue) {
  Numbers items;
  while (!queue.empty()) items.push_back(queue.get_nowait());
  return items;
}

Coro<void> put_noted(Queue<int>& queue, Numbers& done, int item) {
  co_await queue.put(item);
  done.push_back(item);
}

}  // namespace

TEST_CASE("items come out first in first out last in first out or smallest first [Q1]") {
  Queue<int> fifo;
  LifoQueue<int> lifo;
  PriorityQueue<int> smallest;
  PriorityQueue<int, std::greater<int>> largest;
  for (const int item : {3, 1, 4, 1, 5, 9, 2, 6}) {
    fifo.put_nowait(item);
    lifo.put_nowait(item);
    smallest.put_nowait(item);
    largest.put_nowait(item);
  }
  CHECK(drain(fifo) == Numbers{3, 1, 4, 1, 5, 9, 2, 6});
  CHECK(drain(lifo) == Numbers{6, 2, 9, 5, 1, 4, 1, 3});
  CHECK(drain(smallest) == Numbers{1, 1, 2, 3, 4, 5, 6, 9});
  CHECK(drain(largest) == Numbers{9, 6, 5, 4, 3, 2, 1, 1});
}

TEST_CASE("a queue keeps its order however often its ring turns and grows [Q1]") {
  Queue<int> queue;
  int put = 0;
  int got = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < round % 13; ++i) queue.put_nowait(put++);
    for (int i = 0; i < round % 7 && !queue.empty(); ++i) CHECK(queue.get_nowait() == got++);
  }
  while (!queue.empty()) CHECK(queue.get_nowait() == got++);
  CHECK(got == put);
}

TEST_CASE("qsize empty and full are exact and a maxsize of 0 or less means any number [Q1]") {
  Queue<int> queue(2);
  CHECK(queue.maxsize() == 2);
  CHECK(queue.empty());
  CHECK(queue.qsize() == 0);
  CHECK_FALSE(queue.full());
  queue.put_nowait(1);
  CHECK_FALSE(queue.empty());
  CHECK_FALSE(queue.full());
  queue.put_nowait(2);
  CHECK(queue.qsize() == 2);
  CHECK(queue.full());
  CHECK(queue.get_nowait() == 1);
  CHECK(queue.qsize() == 1);
  CHECK_FALSE(queue.full());
  for (const std::ptrdiff_t maxsize : {0, -1}) {
    Queue<int> endless(maxsize);
    CHECK(endless.maxsize() == maxsize);
    for (int i = 0; i < 100; ++i) endless.put_nowait(i);
    CHECK_FALSE(endless.full());
    CHECK(endless.qsize() == 100);
  }
}

TEST_CASE("get_nowait of an empty queue and put_nowait into a full one throw [Q2]") {
  Queue<int> queue(1);
  CHECK_THROWS_AS(queue.get_nowait(), aio::QueueEmpty);
  queue.put_nowait(1);
  CHECK_THROWS_AS(queue.put_nowait(2), aio::QueueFull);
  CHECK(queue.qsize() == 1);
  CHECK(queue.get_nowait() == 1);
  CHECK_THROWS_AS(queue.get_nowait(), aio::QueueEmpty);
}

TEST_CASE("get waits for an item and getters are served in the order of their coming") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    std::vector<aio::Task<int>> getters;
    for (int i = 0; i < 3; ++i) getters.push_back(aio::create_task(queue.get()));
    co_await turns(3);
    CHECK_FALSE(getters[0].done());
    for (const int item : {1, 2, 3}) queue.put_nowait(item);
    CHECK(queue.qsize() == 3);  // theirs, but not taken yet
    for (int i = 0; i < 3; ++i) {
      const int item = co_await getters[static_cast<std::size_t>(i)];
      CHECK(item == i + 1);
    }
  });
}

TEST_CASE("get and put do not wait if they need not") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue(1);
    const auto turn = aio::get_running_loop().turn_count();
    for (int i = 0; i < 5; ++i) {
      co_await queue.put(i);
      const int item = co_await queue.get();
      CHECK(item == i);
    }
    CHECK(aio::get_running_loop().turn_count() == turn);
  });
}

TEST_CASE("put blocks at maxsize until a get and putters go on in the order of coming [Q3]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue(2);
    Numbers done;
    std::vector<aio::Task<>> putters;
    for (const int item : {1, 2, 3, 4}) {
      putters.push_back(aio::create_task(put_noted(queue, done, item)));
    }
    co_await turns(5);
    CHECK(done == Numbers{1, 2});
    CHECK(queue.full());
    for (const int expected : {1, 2, 3, 4}) {
      const int item = co_await queue.get();
      CHECK(item == expected);
      co_await turns(2);
    }
    CHECK(done == Numbers{1, 2, 3, 4});
  });
}

TEST_CASE("a getter woken by two puts gets the smallest of both [Q1]") {
  aio::testing::run([]() -> Coro<void> {
    PriorityQueue<int> queue;
    const auto getter = aio::create_task(queue.get());
    co_await turns(1);
    queue.put_nowait(5);
    queue.put_nowait(1);
    const int item = co_await getter;
    CHECK(item == 1);
  });
}

TEST_CASE("join returns at once on a queue into which nothing was put [Q7]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    const auto turn = aio::get_running_loop().turn_count();
    co_await queue.join();
    CHECK(aio::get_running_loop().turn_count() == turn);
  });
}

TEST_CASE("join returns when task_done was called for every put [Q7]") {
  aio::testing::run([]() -> Coro<void> {
    Queue<int> queue;
    for (int i = 0; i < 3; ++i) queue.put_nowait(i);
    const auto join = aio::create_task(queue.join());
    const auto other = aio::create_task(queue.join());
    co_await turns(2);
    for (int i = 0; i < 3; ++i) {
      CHECK(queue.get_nowait() == i);
      co_await turns(2);
      CHECK_FALSE(join.done());  // got, but not done
    }
    queue.task_done();
    queue.task_done();
    co_await turns(2);
    CHECK_FALSE(join.done());
    queue.task_done();
    co_await join;
    co_await other;
    co_await queue.join();
    queue.put_nowait(1);
    const auto again = aio::create_task(queue.join());
    co_await turns(2);
    CHECK_FALSE(again.done());
    queue.task_done();
    co_await again;
  });
}

TEST_CASE("a task_done too many is a ValueError [Q7]") {
  Queue<int> queue;
  CHECK_THROWS_WITH_AS(queue.task_done(), "task_done() called too many times", aio::ValueError);
  queue.put_nowait(1);
  queue.task_done();
  CHECK_THROWS_AS(queue.task_done(), aio::ValueError);
}

TEST_CASE("items need only be movable") {
  aio::testing::run([]() -> Coro<void> {
    Queue<std::unique_ptr<int>> queue(1);
    LifoQueue<std::unique_ptr<int>> lifo;
    const auto by_value = [](const std::unique_ptr<int>& a, const std::unique_ptr<int>& b) {
      return *a < *b;
    };
    PriorityQueue<std::unique_ptr<int>, decltype(by_value)> smallest(0, by_value);
    for (const int number : {2, 1, 3}) {
      auto item = std::make_unique<int>(number);
      co_await queue.put(std::move(item));
      item = co_await queue.get();
      co_await lifo.put(std::move(item));
      item = co_await lifo.get();
      co_await smallest.put(std::move(item));
    }
    for (const int number : {1, 2, 3}) {
      const auto item = co_await smallest.get();
      CHECK(*item == number);
    }
    auto waiting = std::make_unique<int>(5);
    queue.put_nowait(std::make_unique<int>(4));
    const auto putter = aio::create_task(queue.put(std::move(waiting)));
    co_await turns(1);
    CHECK(*queue.get_nowait() == 4);
    co_await putter;
    CHECK(*queue.get_nowait() == 5);
  });
}

TEST_CASE("an item is made from what it can be made from") {
  aio::testing::run([]() -> Coro<void> {
    Queue<std::string> queue;
    co_await queue.put("text");
    const std::string named("named");
    co_await queue.put(named);
    queue.put_nowait("last");
    CHECK(named == "named");
    const std::string first = co_await queue.get();
    CHECK(first == "text");
    CHECK(queue.get_nowait() == "named");
    CHECK(queue.get_nowait() == "last");
  });
}

namespace {

/// Puts another of its kind as it is made.
struct Twin {
  Twin(Queue<Twin>& queue, int number) : value(number) {
    if (number == 1) queue.put_nowait(Twin(queue, 2));
  }
  explicit Twin(std::pair<Queue<Twin>*, int> made) : Twin(*made.first, made.second) {}
  int value;
};

}  // namespace

TEST_CASE("an item that puts another as it is made comes after that") {
  Queue<Twin> queue;
  for (int i = 0; i < 2; ++i) queue.put_nowait(std::pair(&queue, i));
  CHECK(queue.qsize() == 3);
  for (const int expected : {0, 2, 1}) CHECK(queue.get_nowait().value == expected);
}
