#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "aio/queue.hpp"
#include "aio/sleep.hpp"
#include "aio/testing.hpp"
#include "aio/wait.hpp"

// Producers and consumers of all three queues, cancelled at random. Whatever happens, every item
// whose put returned was got exactly once, or is still in the queue.

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;

namespace {

constexpr int cancels = 2'500;
// More consumers than producers, so that gets have to wait, also at an endless queue.
constexpr int producers = 5;
constexpr int consumers = 8;

/// A number that can only be moved and compared.
class Item {
 public:
  explicit Item(int number) : number_(std::make_unique<int>(number)) {}
  int number() const { return *number_; }
  friend bool operator<(const Item& a, const Item& b) { return a.number() < b.number(); }

 private:
  std::unique_ptr<int> number_;
};

template <class Q>
struct Storm {
  Storm(unsigned seed, std::ptrdiff_t maxsize) : queue(maxsize), random(seed) {}

  int below(int end) { return std::uniform_int_distribution(0, end - 1)(random); }
  Coro<void> pause() {
    for (int i = below(3); i > 0; --i) co_await aio::sleep(0);
    if (below(16) == 0) co_await aio::sleep(below(5) * 1ms);
  }
  void note_got(const Item& item) {
    got.push_back(item.number());
    queue.task_done();
  }

  Q queue;
  std::mt19937 random;
  std::vector<int> put;
  std::vector<int> got;
  int last = 0;
  int cancelled_puts = 0;
  int cancelled_gets = 0;
  bool over = false;
};

template <class Q>
Coro<void> produce(Storm<Q>& storm) {
  while (!storm.over) {
    const int number = ++storm.last;
    try {
      Item item(number);
      co_await storm.queue.put(std::move(item));
      storm.put.push_back(number);
    } catch (const CancelledError&) {
      ++storm.cancelled_puts;
    } catch (const aio::QueueShutDown&) {
      co_return;
    }
    try {
      co_await storm.pause();
    } catch (const CancelledError&) {
    }
  }
}

template <class Q>
Coro<void> consume(Storm<Q>& storm) {
  while (true) {
    try {
      storm.note_got(co_await storm.queue.get());
    } catch (const CancelledError&) {
      ++storm.cancelled_gets;
    } catch (const aio::QueueShutDown&) {
      co_return;
    }
    try {
      co_await storm.pause();
    } catch (const CancelledError&) {
    }
  }
}

/// Takes and puts beside those who wait.
template <class Q>
void meddle(Storm<Q>& storm) {
  if (storm.below(2) == 0 && !storm.queue.empty()) storm.note_got(storm.queue.get_nowait());
  if (storm.below(2) == 0 && !storm.queue.full()) {
    storm.queue.put_nowait(Item(++storm.last));
    storm.put.push_back(storm.last);
  }
}

template <class Q>
Coro<void> rage(Storm<Q>& storm) {
  std::vector<aio::Task<>> tasks;
  for (int i = 0; i < producers; ++i) tasks.push_back(aio::create_task(produce(storm)));
  for (int i = 0; i < consumers; ++i) tasks.push_back(aio::create_task(consume(storm)));
  co_await aio::sleep(0);  // who is cancelled before it has begun never begins
  while (storm.cancelled_puts + storm.cancelled_gets < cancels) {
    tasks[static_cast<std::size_t>(storm.below(producers + consumers))].cancel();
    if (storm.below(4) == 0) meddle(storm);
    if (storm.below(3) != 0) co_await storm.pause();
  }
  storm.over = true;
  if (storm.below(2) == 0) {
    const auto result = co_await aio::wait(tasks, 1h);  // the producers come to their end
    CHECK(result.done.size() == producers);
    co_await storm.queue.join();
    CHECK(storm.queue.empty());
  }
  storm.queue.shutdown();
  const auto result = co_await aio::wait(tasks, 24h);
  CHECK(result.pending.empty());  // else a wake-up was lost
}

template <class Q>
void run_storm(unsigned seed, std::ptrdiff_t maxsize) {
  INFO("seed " << seed << ", maxsize " << maxsize);
  Storm<Q> storm(seed, maxsize);
  aio::testing::run([&]() -> Coro<void> { co_await rage(storm); });
  while (!storm.queue.empty()) storm.note_got(storm.queue.get_nowait());
  std::sort(storm.put.begin(), storm.put.end());
  std::sort(storm.got.begin(), storm.got.end());
  CHECK(storm.put.size() > 100);
  CHECK(storm.put == storm.got);
  CHECK_THROWS_AS(storm.queue.task_done(), aio::ValueError);
}

template <class Q>
void run_storms(unsigned first_seed) {
  for (const std::ptrdiff_t maxsize : {0, 1, 3}) {
    run_storm<Q>(first_seed++, maxsize);
    run_storm<Q>(first_seed++, maxsize);
  }
}

}  // namespace

TEST_CASE("a queue loses and doubles no item in thousands of random cancellations [Q4][Q5][Q6]") {
  run_storms<aio::Queue<Item>>(100);
}

TEST_CASE("a LIFO queue loses and doubles no item in thousands of random cancellations [Q4][Q5]") {
  run_storms<aio::LifoQueue<Item>>(200);
}

TEST_CASE("a priority queue loses and doubles no item in thousands of cancellations [Q4][Q5]") {
  run_storms<aio::PriorityQueue<Item>>(300);
}
