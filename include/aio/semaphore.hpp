#pragma once

#include <cstddef>
#include <exception>
#include <limits>

#include "aio/coro.hpp"
#include "aio/detail/loop_bound.hpp"
#include "aio/detail/operation.hpp"
#include "aio/detail/wait_list.hpp"
#include "aio/held.hpp"

namespace aio {

class Semaphore;

namespace detail {

/// Waits for a unit of a semaphore.
class SemaphoreAwaiter : public WaitNode {
 public:
  const char* word() const noexcept override { return "semaphore"; }

  explicit SemaphoreAwaiter(Semaphore& semaphore) : semaphore_(&semaphore) {}
  ~SemaphoreAwaiter();

  bool await_resume();

 protected:
  Semaphore* semaphore_;

 private:
  bool start(TaskCore& task) override;
};

class ScopedSemaphoreAwaiter final : public SemaphoreAwaiter {
 public:
  using SemaphoreAwaiter::SemaphoreAwaiter;
  Held<Semaphore> await_resume();
};

}  // namespace detail

/// A number of units that tasks take and give back, to bound how many do something at a time.
///
///     auto held = co_await semaphore.scoped_lock();   // until the end of the scope
///     co_await aio::with(semaphore, body);            // Python's `async with semaphore`
///
/// Tasks get units in the order in which they asked for them; none overtakes a task that waits. It
/// belongs to the loop whose tasks first ask for one, until that loop is closed; another loop's
/// tasks get RuntimeError. It may be destroyed while tasks wait for it: they wait until they are
/// cancelled. Only the loop's thread may use it.
class Semaphore {
 public:
  /// With `value` units. Throws ValueError if that is negative.
  explicit Semaphore(std::ptrdiff_t value = 1)
      : Semaphore(value, std::numeric_limits<std::ptrdiff_t>::max()) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  /// Waits until there is a unit, then takes it; gives true. Resumes at once if there is one and
  /// no task waits. A cancelled wait leaves its unit to the next.
  detail::Operation<Semaphore, detail::SemaphoreAwaiter> acquire() {
    return detail::Operation<Semaphore, detail::SemaphoreAwaiter>(*this);
  }

  /// The same, and gives a Held<Semaphore>, which releases it.
  detail::Operation<Semaphore, detail::ScopedSemaphoreAwaiter> scoped_lock() {
    return detail::Operation<Semaphore, detail::ScopedSemaphoreAwaiter>(*this);
  }

  /// Adds a unit; the first task that waits for one goes on with it in the next turn. Throws
  /// ValueError if it is a BoundedSemaphore that has as many as at first.
  void release();

  /// Whether `acquire` would have to wait: there is no unit, or others are before it.
  bool locked() const { return value_ == 0 || !waiters_.empty(); }

  /// For `aio::with`.
  Coro<void> enter();
  Coro<void> exit(std::exception_ptr exception);

 protected:
  Semaphore(std::ptrdiff_t value, std::ptrdiff_t bound);

 private:
  friend class detail::SemaphoreAwaiter;

  void hand_out() noexcept;

  detail::WaitList waiters_;
  detail::LoopBound bound_to_{"Semaphore"};
  std::ptrdiff_t value_;
  std::ptrdiff_t bound_;
};

/// A Semaphore that refuses to be released more often than it was acquired.
class BoundedSemaphore : public Semaphore {
 public:
  /// With `value` units. Throws ValueError if that is negative.
  explicit BoundedSemaphore(std::ptrdiff_t value = 1) : Semaphore(value, value) {}
};

}  // namespace aio
