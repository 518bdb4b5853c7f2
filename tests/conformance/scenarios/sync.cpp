// Locks and their kin.

#include <map>

#include "scenario.hpp"

using namespace conformance;
using std::chrono::milliseconds;

/// Tasks by their names, which are single letters.
using Tasks = std::map<char, aio::Task<>>;

template <class F, class... Args>
static void start(Tasks& tasks, const std::string& names, F f, Args... args) {
  for (const char name : names) {
    tasks.emplace(name, aio::create_task(f, std::string(1, name), args...));
  }
}

static Coro<> finish(Tasks& tasks) {
  for (const auto& [name, task] : tasks) co_await outcome(task);
  tasks.clear();
}

/// Has `lock`, a Lock or a Semaphore, for a time.
template <class L>
static Coro<> hold(std::string name, L& lock, milliseconds time) {
  const auto body = [&]() -> Coro<> {
    trace(name, "has it", at());
    co_await aio::sleep(time);
  };
  try {
    co_await aio::with(lock, body);
    trace(name, "left", at());
  } catch (const aio::CancelledError&) {
    trace(name, std::current_exception(), at());
  }
}

template <class L>
static void start_holders(Tasks& tasks, const std::string& names, L& lock,
                          milliseconds time = 10ms) {
  start(tasks, names, hold<L>, std::ref(lock), time);
}

SCENARIO(a_lock_is_handed_on_in_order) {
  aio::Lock lock;
  Tasks tasks;
  start_holders(tasks, "abc", lock);
  co_await finish(tasks);
  trace(lock.locked(), attempt([&] { lock.release(); }));
}

SCENARIO(nobody_overtakes_who_waits_for_a_lock) {
  aio::Lock lock;
  Tasks tasks;
  co_await lock.acquire();
  start_holders(tasks, "ab", lock, 0ms);
  co_await turns(1);
  lock.release();
  trace("released", lock.locked());
  start_holders(tasks, "c", lock, 0ms);
  const bool acquired = co_await lock.acquire();
  trace(acquired, "at last");
  lock.release();
  co_await finish(tasks);
}

SCENARIO(cancelling_the_first_waiter_as_the_lock_is_released) {
  aio::Lock lock;
  Tasks tasks;
  co_await lock.acquire();
  start_holders(tasks, "abc", lock);
  co_await turns(1);
  tasks.at('a').cancel();
  lock.release();
  co_await finish(tasks);
}

SCENARIO(a_chosen_waiter_that_is_cancelled_passes_the_lock_on) {
  aio::Lock lock;
  Tasks tasks;
  co_await lock.acquire();
  start_holders(tasks, "abc", lock);
  co_await turns(1);
  lock.release();
  tasks.at('a').cancel();
  co_await finish(tasks);
}

static Coro<> wait_for_event(std::string name, aio::Event& event) {
  const bool result = co_await event.wait();
  trace(name, result, event.is_set());
}

SCENARIO(set_wakes_all_even_if_cleared_at_once) {
  aio::Event event;
  Tasks tasks;
  start(tasks, "ab", wait_for_event, std::ref(event));
  co_await turns(1);
  event.set();
  event.clear();
  start(tasks, "c", wait_for_event, std::ref(event));
  co_await ticks(2);
  event.set();
  co_await finish(tasks);
  const auto ticker = aio::create_task(ticks(1));
  const bool result = co_await event.wait();
  trace(result);
  co_await ticker;
}

SCENARIO(a_condition_needs_its_lock) {
  aio::Condition condition;
  auto wait = condition.wait();
  trace(co_await outcome(std::move(wait)));
  trace(attempt([&] { condition.notify(); }));
  trace(attempt([&] { condition.notify_all(); }));
}

static Coro<> wait_notified(std::string name, aio::Condition& condition) {
  const auto body = [&]() -> Coro<> {
    trace(name, "waits");
    co_await condition.wait();
    trace(name, "notified", condition.locked(), at());
  };
  try {
    co_await aio::with(condition, body);
  } catch (const aio::CancelledError&) {
    trace(name, std::current_exception(), condition.locked(), at());
  }
}

SCENARIO(notify_wakes_in_order) {
  aio::Condition condition;
  Tasks tasks;
  start(tasks, "abcd", wait_notified, std::ref(condition));
  co_await turns(5);
  const auto notify_one = [&]() -> Coro<> {
    condition.notify();
    trace("notified one");
    co_await aio::sleep(10ms);
  };
  co_await aio::with(condition, notify_one);
  co_await aio::sleep(10ms);
  const auto notify_two = [&]() -> Coro<> {
    condition.notify(2);
    trace("notified two");
    co_return;
  };
  co_await aio::with(condition, notify_two);
  co_await aio::sleep(10ms);
  const auto notify_all = [&]() -> Coro<> {
    condition.notify_all();
    co_return;
  };
  co_await aio::with(condition, notify_all);
  co_await finish(tasks);
}

SCENARIO(a_waiter_cancelled_while_others_hold_the_lock_gets_it_first) {
  aio::Condition condition;
  Tasks tasks;
  start(tasks, "a", wait_notified, std::ref(condition));
  co_await turns(1);
  const auto body = [&]() -> Coro<> {
    for (int i = 0; i < 2; ++i) {
      tasks.at('a').cancel();
      co_await aio::sleep(10ms);
      trace("still held", tasks.at('a').done());
    }
  };
  co_await aio::with(condition, body);
  co_await finish(tasks);
  trace(condition.locked());
}

SCENARIO(a_lost_notification_goes_to_another) {
  aio::Condition condition;
  Tasks tasks;
  start(tasks, "ab", wait_notified, std::ref(condition));
  co_await turns(3);
  const auto body = [&]() -> Coro<> {
    condition.notify();
    tasks.at('a').cancel();
    co_return;
  };
  co_await aio::with(condition, body);
  co_await finish(tasks);
}

static Coro<> wait_for_two(std::string, aio::Condition& condition, const int& counter) {
  const auto predicate = [&] {
    trace("asked", counter);
    return counter > 1 ? counter : 0;
  };
  const auto body = [&]() -> Coro<> {
    const int value = co_await condition.wait_for(predicate);
    trace("value", value);
  };
  co_await aio::with(condition, body);
}

SCENARIO(wait_for_asks_until_it_is_true) {
  aio::Condition condition;
  int counter = 0;
  Tasks tasks;
  start(tasks, "a", wait_for_two, std::ref(condition), std::cref(counter));
  for (const int count : {1, 2}) {
    co_await turns(2);
    const auto body = [&]() -> Coro<> {
      counter = count;
      condition.notify_all();
      co_return;
    };
    co_await aio::with(condition, body);
  }
  co_await finish(tasks);
}

SCENARIO(semaphores_have_bounds) {
  trace(attempt([] { return aio::Semaphore(0).locked(); }));
  trace(attempt([] { return aio::Semaphore(-1).locked(); }));
  aio::BoundedSemaphore semaphore(1);
  const bool acquired = co_await semaphore.acquire();
  trace(acquired, semaphore.locked());
  const std::string first = attempt([&] { semaphore.release(); });
  trace(first, attempt([&] { semaphore.release(); }));
}

SCENARIO(a_semaphore_lets_as_many_in_as_it_has) {
  aio::Semaphore semaphore(2);
  Tasks tasks;
  start_holders(tasks, "abcde", semaphore);
  co_await finish(tasks);
}

static Coro<> acquire(std::string name, aio::Semaphore& semaphore) {
  co_await semaphore.acquire();
  trace(name);
}

SCENARIO(several_releases_wake_several) {
  aio::Semaphore semaphore(0);
  Tasks tasks;
  start(tasks, "abc", acquire, std::ref(semaphore));
  co_await turns(1);
  semaphore.release();
  semaphore.release();
  trace("released twice", semaphore.locked());
  co_await ticks(3);
  semaphore.release();
  co_await finish(tasks);
}

SCENARIO(a_release_after_cancelled_waiters_wakes_a_live_one) {
  aio::Semaphore semaphore(0);
  Tasks tasks;
  start_holders(tasks, "abc", semaphore, 0ms);
  co_await turns(1);
  tasks.at('a').cancel();
  tasks.at('b').cancel();
  semaphore.release();
  co_await finish(tasks);
  trace(semaphore.locked());
}

static Coro<> wait_two_rounds(std::string name, aio::Barrier& barrier) {
  for (const int round : {1, 2}) {
    const auto index = co_await barrier.wait();
    trace(name, "round", round, "index", index);
    co_await aio::sleep(0);
  }
}

SCENARIO(a_barrier_opens_for_all_at_once_and_again) {
  aio::Barrier barrier(3);
  Tasks tasks;
  start(tasks, "ab", wait_two_rounds, std::ref(barrier));
  co_await turns(1);
  trace("waiting", barrier.n_waiting());
  start(tasks, "c", wait_two_rounds, std::ref(barrier));
  co_await finish(tasks);
  trace("waiting", barrier.n_waiting(), attempt([] { return aio::Barrier(0).parties(); }));
}

static Coro<> wait_once(std::string name, aio::Barrier& barrier) {
  auto wait = barrier.wait();
  trace(name, co_await outcome(std::move(wait)));
}

SCENARIO(a_barrier_may_be_broken_and_reset) {
  aio::Barrier barrier(2);
  Tasks tasks;
  start(tasks, "a", wait_once, std::ref(barrier));
  co_await turns(1);
  co_await barrier.reset();
  co_await finish(tasks);
  start(tasks, "b", wait_once, std::ref(barrier));
  co_await turns(1);
  co_await barrier.abort();
  co_await finish(tasks);
  const bool broken = barrier.broken();
  auto wait = barrier.wait();
  trace("broken", broken, co_await outcome(std::move(wait)));
  co_await barrier.reset();
  start(tasks, "cd", wait_once, std::ref(barrier));
  co_await finish(tasks);
}

SCENARIO(a_cancelled_waiter_no_longer_counts) {
  aio::Barrier barrier(2);
  Tasks tasks;
  start(tasks, "a", wait_once, std::ref(barrier));
  co_await turns(1);
  tasks.at('a').cancel();
  co_await finish(tasks);
  trace("waiting", barrier.n_waiting());
  start(tasks, "bc", wait_once, std::ref(barrier));
  co_await finish(tasks);
}
