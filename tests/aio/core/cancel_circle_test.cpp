#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"

// Tasks that await each other in a circle never go on by themselves. CPython's cancel() recurses
// there until it fails.

using namespace std::chrono_literals;
using aio::Coro;
using aio::Task;
using support::turns;

namespace {

using Tasks = std::shared_ptr<std::vector<Task<void>>>;

Coro<void> await_task(Tasks tasks, std::size_t index) {
  co_await aio::sleep(0);
  const Task<void> task = tasks->at(index);
  co_await task;
}

/// Each awaits the next one, and the last one the first.
Tasks circle_of(std::size_t size) {
  const auto tasks = std::make_shared<std::vector<Task<void>>>();
  for (std::size_t i = 0; i < size; ++i) {
    tasks->push_back(aio::create_task(await_task(tasks, (i + 1) % size)));
  }
  return tasks;
}

}  // namespace

TEST_CASE("cancelling one task of a circle ends all of them") {
  for (const std::size_t size : {2U, 3U, 5U}) {
    CAPTURE(size);
    aio::testing::run(
        [](std::size_t count) -> Coro<void> {
          const Tasks tasks = circle_of(count);
          co_await turns(3);
          CHECK(tasks->front().cancel("enough"));
          co_await turns(static_cast<int>(count) + 3);
          for (const Task<void>& task : *tasks) CHECK(task.cancelled());
          tasks->clear();
        },
        size);
  }
}

TEST_CASE("a circle that is left when the loop ends is ended") {
  Tasks tasks;
  aio::testing::run(
      [](Tasks& kept) -> Coro<void> {
        kept = circle_of(3);
        co_await turns(3);
      },
      std::ref(tasks));
  for (const Task<void>& task : *tasks) CHECK(task.cancelled());
  tasks->clear();
}

TEST_CASE("a task that awaits a gather of itself is cancelled") {
  aio::testing::run([]() -> Coro<void> {
    const auto tasks = std::make_shared<std::vector<Task<void>>>();
    const auto gather_itself = [](Tasks all) -> Coro<void> {
      co_await aio::sleep(0);
      const Task<void> self = all->front();
      co_await aio::gather(self);
    };
    tasks->push_back(aio::create_task(gather_itself, tasks));
    co_await turns(3);
    CHECK(tasks->front().cancel());
    co_await turns(5);
    CHECK(tasks->front().cancelled());
    tasks->clear();
  });
}
