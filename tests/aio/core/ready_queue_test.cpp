#include "aio/detail/ready_queue.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <deque>
#include <random>
#include <vector>

using aio::detail::Ready;
using aio::detail::ReadyQueue;

namespace {

struct Item final : aio::detail::Runnable {
  void run() noexcept override { ++runs; }
  void discard() noexcept override {}
  int runs = 0;
};

}  // namespace

TEST_CASE("the ready queue is first in first out while it grows and shrinks") {
  std::mt19937 random(7);
  std::vector<Item> items(5000);
  ReadyQueue queue;
  std::deque<Item*> model;
  for (int step = 0; step < 100'000; ++step) {
    const bool growing = step / 10'000 % 2 == 0;
    if (random() % 5 < (growing ? 3U : 2U)) {
      Item& item = items[random() % items.size()];
      queue.push(item);
      model.push_back(&item);
    } else if (!model.empty()) {
      REQUIRE(&queue.pop().runnable() == model.front());
      model.pop_front();
    }
    REQUIRE(queue.size() == model.size());
    REQUIRE(queue.empty() == model.empty());
  }
}

TEST_CASE("the ready queue is walked from its first on over as many as are asked for") {
  std::vector<Item> items(1000);
  ReadyQueue queue;
  for (Item& item : items) queue.push(item);
  for (std::size_t gone = 0; gone < 300; ++gone) queue.pop();
  for (const std::size_t count : {0U, 1U, 209U, 210U, 211U, 700U}) {
    std::size_t index = 300;
    queue.for_each(count,
                   [&](const Ready* place) { CHECK(&place->runnable() == &items[index++]); });
    CHECK(index == 300 + count);
  }
}

TEST_CASE("what is taken out of the ready queue has no turn and the others keep theirs") {
  std::vector<Item> items(600);
  std::vector<Ready*> places;
  ReadyQueue queue;
  for (Item& item : items) places.push_back(queue.push(item));
  for (std::size_t i = 0; i < places.size(); i += 2) ReadyQueue::remove(places[i]);
  while (!queue.empty()) queue.pop().run();
  for (std::size_t i = 0; i < items.size(); ++i) CHECK(items[i].runs == static_cast<int>(i % 2));
}
