#include "aio/condition.hpp"

#include <limits>

#include "aio/error.hpp"

namespace aio {

namespace detail {

ConditionAwaiter::~ConditionAwaiter() {
  if (leave()) condition_->lock_->hand_on();
}

// 1. In the condition's list, with the lock released.
// 2. Notified or cancelled: in the lock's list. A cancellation waits there too.
// 3. The lock is ours: the task goes on, and throws its CancelledError.
bool ConditionAwaiter::start(TaskCore& task) {
  condition_->bound_.bind(task.loop());
  if (!condition_->locked()) throw RuntimeError("cannot wait on un-acquired lock");
  condition_->release();
  enter(condition_->waiters_, task);
  task.suspend(this);
  return true;
}

bool ConditionAwaiter::cancel(const CancelledError& request) {
  if (is_woken()) return false;
  remember(request);
  if (!is_listed()) {
    wake();  // the lock was destroyed
  } else if (!reacquiring_) {
    reacquire();
  }
  return true;
}

void ConditionAwaiter::notify() {
  notified_ = true;
  reacquire();
}

void ConditionAwaiter::reacquire() {
  reacquiring_ = true;
  ++condition_->returning_;
  leave();
  Lock& lock = *condition_->lock_;
  enter(lock.waiters_, task());
  lock.hand_on();
}

bool ConditionAwaiter::await_resume() {
  require(leave(), "the Lock of a Condition was destroyed while a task waited to have it again");
  --condition_->returning_;
  condition_->lock_->locked_ = true;
  try {
    throw_if_cancelled();
  } catch (...) {
    if (notified_) condition_->tell(1);
    throw;
  }
  return true;
}

}  // namespace detail

Condition::~Condition() {
  // They would come back without the lock, into scopes that release it.
  detail::require(waiters_.empty() && returning_ == 0,
                  "a Condition was destroyed while a task waited for it");
}

void Condition::notify(std::size_t n) {
  if (!locked()) throw RuntimeError("cannot notify on un-acquired lock");
  if (!waiters_.empty()) bound_.require_here();
  tell(n);
}

void Condition::notify_all() { notify(std::numeric_limits<std::size_t>::max()); }

void Condition::tell(std::size_t n) {
  for (; n > 0 && waiters_.has_waiting(); --n) {
    static_cast<detail::ConditionAwaiter&>(*waiters_.first_waiting()).notify();
  }
}

Coro<void> Condition::enter() { co_await acquire(); }

Coro<void> Condition::exit(std::exception_ptr /*exception*/) {
  release();
  co_return;
}

}  // namespace aio
