#include "aio/task.hpp"

namespace aio::detail {

void TaskCore::suspend(std::coroutine_handle<> leaf, Waiter* waiter) {
  leaf_ = leaf;
  waiter_ = waiter;
  if (must_cancel_ && waiter && waiter->cancel(*must_cancel_)) must_cancel_.reset();
}

void TaskCore::throw_if_cancelled(const CancelledError* own) {
  if (!must_cancel_ && !own) [[likely]]
    return;
  const std::unique_ptr<CancelledError> error = std::move(must_cancel_);
  throw own ? *own : *error;
}

void TaskCore::throw_if_cancelled(FutureBase& awaited) {
  if (!must_cancel_) [[likely]]
    return;
  try {
    awaited.throw_if_failed();
  } catch (const CancelledError& own) {
    throw_if_cancelled(&own);
  } catch (...) {  // the cancellation comes before any other failure
  }
  throw_if_cancelled();
}

bool TaskCore::request_cancel(const CancelledError& request) {
  if (future().done()) {
    future().mark_retrieved();
    return false;
  }
  ++cancelling_;
  if (waiter_ && waiter_->cancel(request)) return true;
  must_cancel_ = std::make_unique<CancelledError>(request);
  return true;
}

unsigned TaskCore::uncancel() {
  if (cancelling_ > 0 && --cancelling_ == 0) must_cancel_.reset();
  return cancelling_;
}

std::string TaskCore::name() const {
  return name_.empty() ? "Task-" + std::to_string(number_) : name_;
}

void TaskCore::start(std::string name) {
  static std::atomic<std::uint64_t> last_number{0};
  number_ = last_number.fetch_add(1, std::memory_order_relaxed) + 1;
  name_ = std::move(name);
  future().add_ref();
  loop().add_task(*this);
  loop().ready.push(*this);
}

void TaskCore::leave_loop() noexcept {
  loop().remove_task(*this);
  future().release();
}

// One step:
// 1. A task that was cancelled before its first step ends here; its body never runs.
// 2. Resume the innermost coroutine, and then whichever coroutine that one names in `next`, until
//    one suspends without naming another.
// 3. If the outermost coroutine has ended, its outcome becomes the task's.
void TaskCore::run() noexcept {
  LoopState& state = loop();
  if (!started_ && must_cancel_) {
    finish_unstarted(*must_cancel_);
    leave_loop();
    return;
  }
  started_ = true;
  waiter_ = nullptr;
  expired_timeout = nullptr;
  state.current_task = this;
  next = leaf_;
  while (next) std::exchange(next, nullptr).resume();
  state.current_task = nullptr;
  if (finish_if_ended(must_cancel_.get())) leave_loop();
}

CancelledError make_cancel_request(std::string message) {
  const LoopState* const loop = running_loop();
  const bool by_task = loop && loop->current_task;
  return CancelledError(std::move(message), by_task ? loop->current_task->name() : std::string());
}

}  // namespace aio::detail

namespace aio {

AnyTask current_task() {
  detail::TaskCore* const task = detail::require_running_loop().current_task;
  return task ? AnyTask(*task) : AnyTask();
}

std::vector<AnyTask> all_tasks() { return all_tasks(*detail::require_running_loop().event_loop); }

}  // namespace aio
