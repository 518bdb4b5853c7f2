#pragma once

#include <exception>

#include "aio/coro.hpp"
#include "aio/detail/loop_bound.hpp"
#include "aio/detail/operation.hpp"
#include "aio/detail/wait_list.hpp"
#include "aio/held.hpp"

namespace aio {

class Lock;

namespace detail {

class ConditionAwaiter;

/// Waits for a lock.
class LockAwaiter : public WaitNode {
 public:
  const char* word() const noexcept override { return "lock"; }

  explicit LockAwaiter(Lock& lock) : lock_(&lock) {}
  ~LockAwaiter();

  bool await_resume();

 protected:
  Lock* lock_;

 private:
  bool start(TaskCore& task) override;
};

class ScopedLockAwaiter final : public LockAwaiter {
 public:
  using LockAwaiter::LockAwaiter;
  Held<Lock> await_resume();
};

}  // namespace detail

/// A mutex for tasks. It is not owned by the task that acquired it: any may release it.
///
///     auto held = co_await lock.scoped_lock();        // until the end of the scope
///     co_await aio::with(lock, body);                 // Python's `async with lock`
///
/// Tasks get it in the order in which they asked for it; none overtakes a task that waits. It
/// belongs to the loop whose tasks first ask for it, until that loop is closed; another loop's
/// tasks get RuntimeError. It may be destroyed while tasks wait for it: they wait until they are
/// cancelled. Only the loop's thread may use it.
class Lock {
 public:
  Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  /// Waits until the lock is free, then takes it; gives true. Resumes at once if it is free and no
  /// task waits. A cancelled wait leaves the lock to the next.
  detail::Operation<Lock, detail::LockAwaiter> acquire() {
    return detail::Operation<Lock, detail::LockAwaiter>(*this);
  }

  /// The same, and gives a Held<Lock>, which releases it.
  detail::Operation<Lock, detail::ScopedLockAwaiter> scoped_lock() {
    return detail::Operation<Lock, detail::ScopedLockAwaiter>(*this);
  }

  /// Gives the lock back; the first task that waits for it goes on in the next turn. Throws
  /// RuntimeError if it is free.
  void release();

  /// Whether a task has it.
  bool locked() const { return locked_; }

  /// For `aio::with`.
  Coro<void> enter();
  Coro<void> exit(std::exception_ptr exception);

 private:
  friend class detail::LockAwaiter;
  friend class detail::ConditionAwaiter;

  void hand_on() noexcept;

  detail::WaitList waiters_;
  detail::LoopBound bound_{"Lock"};
  bool locked_ = false;
};

}  // namespace aio
