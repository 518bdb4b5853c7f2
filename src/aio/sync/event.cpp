#include "aio/event.hpp"

namespace aio {

namespace detail {

bool EventAwaiter::start(TaskCore& task) {
  if (event_->set_) return false;
  event_->bound_.bind(task.loop());
  enter(event_->waiters_, task);
  task.suspend(this);
  return true;
}

bool EventAwaiter::await_resume() {
  throw_if_cancelled();
  return true;
}

}  // namespace detail

void Event::set() {
  if (set_) return;
  if (!waiters_.empty()) bound_.require_here();
  set_ = true;
  waiters_.choose_all();
}

}  // namespace aio
