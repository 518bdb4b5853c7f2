#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

#include "aio/coro.hpp"
#include "aio/detail/loop_bound.hpp"
#include "aio/detail/operation.hpp"
#include "aio/detail/wait_list.hpp"
#include "aio/lock.hpp"

namespace aio {

class Condition;

namespace detail {

/// Waits for a condition, and then, in the list of its lock, for the lock: the task goes on once.
class ConditionAwaiter final : public WaitNode {
 public:
  const char* word() const noexcept override { return "condition"; }

  explicit ConditionAwaiter(Condition& condition) : condition_(&condition) {}
  ~ConditionAwaiter();

  bool cancel(const CancelledError& request) override;
  bool await_resume();
  void notify();

 private:
  bool start(TaskCore& task) override;
  void reacquire();

  Condition* condition_;
  bool notified_ = false;
  bool reacquiring_ = false;
};

}  // namespace detail

/// A lock, and tasks that wait without it until they are told that something has changed.
///
///     auto held = co_await condition.scoped_lock();
///     co_await condition.wait_for([&] { return !items.empty(); });
///
/// It belongs to the loop whose tasks first use it, until that loop is closed; another loop's tasks
/// get RuntimeError. It has to outlive the tasks that wait, which come back with its lock: else it
/// aborts. Only the loop's thread may use it.
class Condition {
 public:
  /// With a lock of its own.
  Condition() : lock_(&own_lock_) {}
  /// With `lock`, which others may use too and which has to outlive it.
  explicit Condition(Lock& lock) : lock_(&lock) {}
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;
  ~Condition();

  /// The lock's members.
  auto acquire() { return lock_->acquire(); }
  auto scoped_lock() { return lock_->scoped_lock(); }
  void release() { lock_->release(); }
  bool locked() const { return lock_->locked(); }

  /// Releases the lock, waits until notified, then for the lock; gives true. Throws RuntimeError if
  /// nobody has the lock. A cancelled wait too ends with the lock; if it had been notified, another
  /// one is notified in its stead. So it may return without a reason: ask again what has changed.
  detail::Operation<Condition, detail::ConditionAwaiter> wait() {
    return detail::Operation<Condition, detail::ConditionAwaiter>(*this);
  }

  /// Waits, as `wait` does, until `predicate()` is true or something that counts as true, and gives
  /// that. The predicate is called with the lock held, first at once; it lives in the wait.
  template <class Predicate>
    requires std::invocable<std::decay_t<Predicate>&>
  auto wait_for(Predicate&& predicate) {
    static_assert(detail::can_be_temporary<Predicate>,
                  "GCC 12 destroys a temporary lambda with captures twice in an expression that "
                  "awaits: name the lambda first, or capture by reference");
    return wait_until_true(*this, std::decay_t<Predicate>(std::forward<Predicate>(predicate)));
  }

  /// Tells the first `n` tasks that wait; they go on one after the other as they get the lock.
  /// Throws RuntimeError if the lock is free.
  void notify(std::size_t n = 1);
  void notify_all();

  /// For `aio::with`.
  Coro<void> enter();
  Coro<void> exit(std::exception_ptr exception);

 private:
  friend class detail::ConditionAwaiter;

  template <class Predicate>
  static Coro<std::decay_t<std::invoke_result_t<Predicate&>>> wait_until_true(Condition& condition,
                                                                              Predicate predicate) {
    while (true) {
      auto result = std::invoke(predicate);
      if (result) co_return result;
      co_await condition.wait();
    }
  }

  void tell(std::size_t n);

  Lock own_lock_;
  Lock* lock_;
  detail::WaitList waiters_;
  std::size_t returning_ = 0;  // told or cancelled, and without the lock yet
  detail::LoopBound bound_{"Condition"};
};

}  // namespace aio
