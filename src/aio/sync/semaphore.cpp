#include "aio/semaphore.hpp"

#include "aio/error.hpp"

namespace aio {

namespace detail {

SemaphoreAwaiter::~SemaphoreAwaiter() {
  if (!leave()) return;
  ++semaphore_->value_;
  semaphore_->hand_out();
}

bool SemaphoreAwaiter::start(TaskCore& task) {
  semaphore_->bound_to_.bind(task.loop());
  if (!semaphore_->locked()) {
    --semaphore_->value_;
    return false;
  }
  enter(semaphore_->waiters_, task);
  semaphore_->hand_out();
  task.suspend(this);
  return true;
}

bool SemaphoreAwaiter::await_resume() {
  take_turn();
  return true;
}

Held<Semaphore> ScopedSemaphoreAwaiter::await_resume() {
  SemaphoreAwaiter::await_resume();
  return Held<Semaphore>(*semaphore_);
}

}  // namespace detail

Semaphore::Semaphore(std::ptrdiff_t value, std::ptrdiff_t bound) : value_(value), bound_(bound) {
  if (value < 0) throw ValueError("Semaphore initial value must be >= 0");
}

void Semaphore::release() {
  if (!waiters_.empty()) bound_to_.require_here();
  if (value_ >= bound_) throw ValueError("BoundedSemaphore released too many times");
  ++value_;
  hand_out();
}

// A chosen task has its unit already. So units are left only if no task waits without one.
void Semaphore::hand_out() noexcept {
  while (value_ > 0 && waiters_.has_waiting()) {
    --value_;
    waiters_.choose_first();
  }
}

Coro<void> Semaphore::enter() { co_await acquire(); }

Coro<void> Semaphore::exit(std::exception_ptr /*exception*/) {
  release();
  co_return;
}

}  // namespace aio
