#include "aio/sleep.hpp"

namespace aio::detail {

void SleepAwaiter::start(TaskCore& task) {
  const Duration delay = this->delay();
  if (delay <= Duration::zero()) {
    task.suspend(nullptr);
    task.loop().ready.push(task);
    return;
  }
  LoopState& loop = task.loop();
  loop.timers.arm(*this, saturating_add(loop.now(), delay));
  set_task(task);
  task.suspend(this);
}

bool SleepAwaiter::cancel(const CancelledError& request) {
  if (!is_armed()) return false;  // due: the task is about to wake
  TaskCore& task = this->task();
  auto kept = std::make_unique<CancelledError>(request);
  task.loop().timers.disarm(*this);
  set_request(*kept.release());
  task.loop().ready.push(task);
  return true;
}

}  // namespace aio::detail
