#include "aio/sleep.hpp"

namespace aio::detail {

void SleepAwaiter::start(TaskCore& task, std::coroutine_handle<> caller) {
  const Duration delay = delay_;
  task_ = &task;
  if (delay <= Duration::zero()) {
    task.suspend(caller, nullptr);
    task.loop().ready.push(task);
    return;
  }
  LoopState& loop = task.loop();
  loop.timers.arm(*this, saturating_add(loop.now(), delay));
  task.suspend(caller, this);
}

bool SleepAwaiter::cancel(const CancelledError& request) {
  if (!is_armed()) return false;  // due: the task is about to wake
  cancelled_ = std::make_unique<CancelledError>(request);
  task_->loop().timers.disarm(*this);
  task_->loop().ready.push(*task_);
  return true;
}

}  // namespace aio::detail
