#include <doctest/doctest.h>

#include <functional>
#include <thread>
#include <utility>

#include "aio/queue.hpp"
#include "aio/sync.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/loop_test.hpp"

// What happens to what tasks share when there is more than one loop.

using aio::Coro;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

/// Whether `use()`, awaited on a second loop, is refused while the first one is open, and accepted
/// once it is closed. On the first one `use()` is awaited before that.
template <class F>
void check_one_loop_at_a_time(F use) {
  aio::EventLoop second(aio::testing::virtual_time);
  second.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
  {
    aio::EventLoop first(aio::testing::virtual_time);
    CHECK(first.run_until_complete(outcome_of(use())).returned);
    const Outcome outcome = second.run_until_complete(outcome_of(use()));
    CHECK(outcome.threw<aio::RuntimeError>());
    CHECK(support::text_of(outcome.failed).find("is bound to a different event loop") !=
          std::string::npos);
    CHECK(first.run_until_complete(outcome_of(use())).returned);
  }
  CHECK(second.run_until_complete(outcome_of(use())).returned);
}

Coro<void> hold(aio::Lock& lock) {
  const auto held = co_await lock.scoped_lock();
  co_await turns(2);
}

/// Two at a time, so that one has to wait.
Coro<void> contend_for_lock(aio::Lock& lock) {
  const auto other = aio::create_task(hold(lock));
  co_await hold(lock);
  co_await other;
  CHECK_FALSE(lock.locked());
}

Coro<void> contend_for_queue(aio::Queue<int>& queue) {
  const auto getter = aio::create_task(queue.get());
  co_await turns(1);
  co_await queue.put(1);
  const int item = co_await getter;
  CHECK(item == 1);
  queue.task_done();
  co_await queue.join();
}

Coro<void> wait_and_set(aio::Event& event) {
  event.clear();
  const auto waiter = aio::create_task(event.wait());
  co_await turns(1);
  event.set();
  co_await waiter;
}

Coro<void> wait_and_notify(aio::Condition& condition) {
  const auto body = [](aio::Condition& awaited) -> Coro<void> {
    const auto held = co_await awaited.scoped_lock();
    co_await awaited.wait();
  };
  const auto waiter = aio::create_task(body, std::ref(condition));
  co_await turns(1);
  co_await condition.acquire();
  condition.notify();
  condition.release();
  co_await waiter;
}

Coro<void> meet(aio::Barrier& barrier) {
  const auto other = aio::create_task(barrier.wait());
  static_cast<void>(co_await barrier.wait());
  co_await other;
}

}  // namespace

TEST_CASE("a lock that two loops share is refused to the second [K8]") {
  aio::Lock lock;
  check_one_loop_at_a_time([&] { return contend_for_lock(lock); });
  aio::Lock uncontended;
  check_one_loop_at_a_time([&] { return hold(uncontended); });
}

TEST_CASE("everything else that tasks share is refused to a second loop too [K8]") {
  aio::Event event;
  check_one_loop_at_a_time([&] { return wait_and_set(event); });
  aio::Condition condition;
  check_one_loop_at_a_time([&] { return wait_and_notify(condition); });
  aio::Semaphore semaphore(1000);
  check_one_loop_at_a_time([&] { return semaphore.acquire(); });
  aio::Barrier barrier(2);
  check_one_loop_at_a_time([&] { return meet(barrier); });
  aio::Queue<int> queue;
  check_one_loop_at_a_time([&] { return contend_for_queue(queue); });
}

TEST_CASE("a refused acquire leaves a lock as it was [K8]") {
  aio::Lock lock;
  aio::EventLoop first(aio::testing::virtual_time);
  aio::EventLoop second(aio::testing::virtual_time);
  first.run_until_complete(lock.acquire());
  CHECK(second.run_until_complete(outcome_of(lock.acquire())).threw<aio::RuntimeError>());
  CHECK(lock.locked());
  lock.release();
  CHECK_FALSE(lock.locked());
  first.run_until_complete(lock.acquire());
  CHECK(lock.locked());
}

TEST_CASE("a set event may be awaited on any loop [K8]") {
  aio::Event event;
  event.set();
  aio::EventLoop first(aio::testing::virtual_time);
  aio::EventLoop second(aio::testing::virtual_time);
  first.run_until_complete(event.wait());
  second.run_until_complete(event.wait());
}

TEST_CASE("who waits on one loop is not woken from the run of another [K8]") {
  aio::Event event;
  aio::Semaphore semaphore(0);
  aio::Queue<int> queue;
  aio::EventLoop first(aio::testing::virtual_time);
  const auto waiter = first.create_task(event.wait());
  const auto taker = first.create_task(semaphore.acquire());
  const auto getter = first.create_task(queue.get());
  first.run_until_complete(turns(1));
  aio::testing::run([&]() -> Coro<void> {
    CHECK_THROWS_AS(event.set(), aio::RuntimeError);
    CHECK_FALSE(event.is_set());
    CHECK_THROWS_AS(semaphore.release(), aio::RuntimeError);
    CHECK_THROWS_AS(queue.put_nowait(1), aio::RuntimeError);
    CHECK_THROWS_AS(queue.shutdown(), aio::RuntimeError);
    CHECK(queue.empty());
    co_return;
  });
  event.set();  // between runs, on the thread of the loop
  semaphore.release();
  queue.put_nowait(1);
  first.run_until_complete(turns(1));
  CHECK(waiter.done());
  CHECK(taker.done());
  CHECK(getter.result() == 1);
}

TEST_CASE("what tasks share may be used in several successive runs [K8]") {
  aio::Lock lock;
  aio::Event event;
  aio::Condition condition;
  aio::Semaphore semaphore(1);
  aio::Barrier barrier(2);
  aio::Queue<int> queue(1);
  const auto use_all = [&]() -> Coro<void> {
    co_await contend_for_lock(lock);
    co_await wait_and_set(event);
    co_await wait_and_notify(condition);
    co_await semaphore.acquire();
    semaphore.release();
    co_await meet(barrier);
    co_await contend_for_queue(queue);
  };
  for (int i = 0; i < 3; ++i) aio::testing::run(use_all);
  aio::run(use_all);
  std::thread([&] { aio::run(use_all); }).join();
}

TEST_CASE("what tasks share may be used before any loop runs and after") {
  aio::Queue<int> queue;
  queue.put_nowait(1);
  aio::Event event;
  event.set();
  aio::testing::run([&]() -> Coro<void> {
    co_await event.wait();
    const int item = co_await queue.get();
    CHECK(item == 1);
    co_await queue.put(2);
  });
  CHECK(queue.get_nowait() == 2);
  queue.task_done();
  queue.task_done();
  event.clear();
}

TEST_CASE("waiters that are left when a run ends are cancelled and leave nothing behind") {
  aio::Lock lock;
  aio::Queue<int> queue;
  for (int i = 0; i < 2; ++i) {
    aio::testing::run([&]() -> Coro<void> {
      co_await lock.acquire();
      static_cast<void>(aio::create_task(lock.acquire()));
      static_cast<void>(aio::create_task(queue.get()));
      co_await turns(1);
    });
    lock.release();
    CHECK_FALSE(lock.locked());
    queue.put_nowait(1);
    CHECK(queue.get_nowait() == 1);
  }
}
