#include "aio/lock.hpp"

#include "aio/error.hpp"

namespace aio {

namespace detail {

LockAwaiter::~LockAwaiter() {
  if (leave()) lock_->hand_on();
}

bool LockAwaiter::start(TaskCore& task) {
  lock_->bound_.bind(task.loop());
  if (!lock_->locked_ && lock_->waiters_.empty()) {
    lock_->locked_ = true;
    return false;
  }
  enter(lock_->waiters_, task);
  task.suspend(this);
  return true;
}

bool LockAwaiter::await_resume() {
  if (!has_waited()) return true;
  take_turn();
  lock_->locked_ = true;
  return true;
}

Held<Lock> ScopedLockAwaiter::await_resume() {
  LockAwaiter::await_resume();
  return Held<Lock>(*lock_);
}

}  // namespace detail

void Lock::release() {
  if (!waiters_.empty()) bound_.require_here();
  if (!locked_) throw RuntimeError("Lock is not acquired.");
  locked_ = false;
  hand_on();
}

// One at most is chosen. Until it goes on the lock is free, and no other task gets it all the same.
void Lock::hand_on() noexcept {
  if (!locked_) waiters_.keep_chosen(1);
}

Coro<void> Lock::enter() { co_await acquire(); }

Coro<void> Lock::exit(std::exception_ptr /*exception*/) {
  release();
  co_return;
}

}  // namespace aio
