#include <doctest/doctest.h>

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <new>
#include <utility>

#include "aio/queue.hpp"
#include "aio/sleep.hpp"
#include "aio/sync.hpp"
#include "aio/testing.hpp"
#include "support/sanitized.hpp"

// An await of what tasks share allocates nothing once the loop's own containers have grown: neither
// where it has to wait nor where it need not.

using aio::Coro;

namespace {

thread_local std::size_t new_calls = 0;

[[maybe_unused]] void* count_and_allocate(std::size_t size) {
  ++new_calls;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

constexpr int rounds_to_warm_up = 200;
constexpr int rounds = 2'000;

/// Counts the allocations of the rounds after the first ones.
class Counter {
 public:
  void on_round(int round) {
    if (round == rounds_to_warm_up) before_ = new_calls;
    if (round == rounds - 1) allocated_ = new_calls - before_;
  }
  std::size_t allocated() const { return allocated_; }

 private:
  std::size_t before_ = 0;
  std::size_t allocated_ = 1'000'000;  // until measured
};

/// Runs `main(counter)` and gives what its rounds have allocated.
template <class F>
std::size_t allocations_of(F main) {
  Counter counter;
  aio::testing::run(main, std::ref(counter));
  return counter.allocated();
}

Coro<void> take_turns(aio::Lock& lock, Counter* counter) {
  for (int round = 0; round < rounds; ++round) {
    co_await lock.acquire();
    co_await aio::sleep(0);  // the other has to wait
    lock.release();
    if (counter) counter->on_round(round);
  }
}

Coro<void> take_scoped_turns(aio::Semaphore& semaphore, Counter* counter) {
  for (int round = 0; round < rounds; ++round) {
    const auto held = co_await semaphore.scoped_lock();
    co_await aio::sleep(0);
    if (counter) counter->on_round(round);
  }
}

Coro<void> get_all(aio::Queue<int>& queue) {
  for (int round = 0; round < rounds; ++round) static_cast<void>(co_await queue.get());
}

Coro<void> wait_each(aio::Event& event) {
  for (int round = 0; round < rounds; ++round) co_await event.wait();
}

Coro<void> wait_each_notified(aio::Condition& condition) {
  co_await condition.acquire();
  for (int round = 0; round < rounds; ++round) co_await condition.wait();
  condition.release();
}

}  // namespace

#ifndef AIO_SANITIZED
void* operator new(std::size_t size) { return count_and_allocate(size); }
void* operator new[](std::size_t size) { return count_and_allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE("the count of allocations sees one") {
  const std::size_t before = new_calls;
  const auto* const volatile allocated = new int(1);
  CHECK(new_calls == before + 1);
  delete allocated;
}
#endif

TEST_CASE("an await that need not wait allocates nothing") {
  CHECK(allocations_of([](Counter& counter) -> Coro<void> {
          aio::Lock lock;
          aio::Semaphore semaphore(2);
          aio::Event event;
          event.set();
          aio::Queue<int> queue(4);
          for (int round = 0; round < rounds; ++round) {
            co_await lock.acquire();
            lock.release();
            { const auto held = co_await lock.scoped_lock(); }
            co_await semaphore.acquire();
            semaphore.release();
            co_await event.wait();
            for (int i = 0; i < 3; ++i) co_await queue.put(i);
            for (int i = 0; i < 3; ++i) static_cast<void>(co_await queue.get());
            counter.on_round(round);
          }
        }) == 0);
}

TEST_CASE("a wait for a lock allocates nothing") {
  CHECK(allocations_of([](Counter& counter) -> Coro<void> {
          aio::Lock lock;
          const auto other = aio::create_task(take_turns(lock, nullptr));
          co_await take_turns(lock, &counter);
          co_await other;
        }) == 0);
}

TEST_CASE("a wait for a semaphore allocates nothing") {
  CHECK(allocations_of([](Counter& counter) -> Coro<void> {
          aio::Semaphore semaphore(2);
          const auto one = aio::create_task(take_scoped_turns(semaphore, nullptr));
          const auto other = aio::create_task(take_scoped_turns(semaphore, nullptr));
          co_await take_scoped_turns(semaphore, &counter);
          co_await one;
          co_await other;
        }) == 0);
}

TEST_CASE("a wait for an event allocates nothing") {
  CHECK(allocations_of([](Counter& counter) -> Coro<void> {
          aio::Event event;
          const auto waiter = aio::create_task(wait_each(event));
          const auto other = aio::create_task(wait_each(event));
          for (int round = 0; round < rounds; ++round) {
            co_await aio::sleep(0);
            event.set();
            event.clear();
            counter.on_round(round);
          }
          co_await aio::sleep(0);
          CHECK(waiter.done());
          CHECK(other.done());
        }) == 0);
}

TEST_CASE("a wait for a condition and for its lock allocates nothing") {
  CHECK(allocations_of([](Counter& counter) -> Coro<void> {
          aio::Condition condition;
          const auto waiter = aio::create_task(wait_each_notified(condition));
          const auto other = aio::create_task(wait_each_notified(condition));
          co_await aio::sleep(0);
          for (int round = 0; round < rounds; ++round) {
            co_await condition.acquire();
            condition.notify_all();
            condition.release();
            counter.on_round(round);
            co_await aio::sleep(0);
            co_await aio::sleep(0);
          }
          co_await condition.acquire();
          CHECK(waiter.done());
          CHECK(other.done());
        }) == 0);
}

TEST_CASE("a wait for a queue allocates nothing whichever side waits") {
  for (const std::ptrdiff_t maxsize : {0, 1, 3}) {
    CAPTURE(maxsize);
    const auto main = [maxsize](Counter& counter) -> Coro<void> {
      aio::Queue<int> queue(maxsize);
      const auto getter = aio::create_task(get_all(queue));
      for (int round = 0; round < rounds; ++round) {
        co_await queue.put(round);
        if (maxsize == 0 || round % 8 == 0) co_await aio::sleep(0);
        counter.on_round(round);
      }
      co_await getter;
    };
    CHECK(allocations_of(main) == 0);
  }
}
