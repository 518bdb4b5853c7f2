#include "aio/task.hpp"

#include "debug.hpp"

namespace aio::detail {

void TaskCore::suspend(std::coroutine_handle<> leaf, Waiter* waiter) {
  leaf_ = leaf;
  waiter_ = waiter;
  if (must_cancel_ && waiter && waiter->cancel(*must_cancel_)) must_cancel_.reset();
}

void TaskCore::throw_if_cancelled() {
  if (!must_cancel_) [[likely]]
    return;
  const std::unique_ptr<CancelledError> error = std::move(must_cancel_);
  throw *error;
}

bool TaskCore::request_cancel(const CancelledError& request) {
  if (future().done()) {
    future().mark_retrieved();
    return false;
  }
  ++cancelling_;
  last_request_ = request;
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

void TaskCore::set_name(std::string name) {
  name_changing_ = true;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  name_ = std::move(name);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  name_changing_ = false;
}

void TaskCore::start(std::string name) {
  static std::atomic<std::uint64_t> last_number{0};
  number_ = last_number.fetch_add(1, std::memory_order_relaxed) + 1;
  name_ = std::move(name);
  made_when_ = loop().turn_time;
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
    innermost = nullptr;
    finish_unstarted(*must_cancel_);
    leave_loop();
    return;
  }
  started_ = true;
  waiter_ = nullptr;
  state.current_task = this;
  next = leaf_;
  while (next) std::exchange(next, nullptr).resume();
  state.current_task = nullptr;
  if (!finish_if_ended(must_cancel_.get())) return;
  if (cancelling_ > 0 && state.debug) report_swallowed_cancellation(*this);
  leave_loop();
}

CancelledError make_cancel_request(std::string message) {
  const LoopState* const loop = running_loop();
  const bool by_task = loop && loop->current_task;
  std::string who = by_task ? loop->current_task->name() : std::string();
  if (!loop) return CancelledError(std::move(message));
  return CancelledError(std::move(message), std::move(who), loop->now());
}

}  // namespace aio::detail

namespace aio {

AnyTask current_task() {
  detail::TaskCore* const task = detail::require_running_loop().current_task;
  return task ? AnyTask(*task) : AnyTask();
}

std::vector<AnyTask> all_tasks() { return all_tasks(*detail::require_running_loop().event_loop); }

}  // namespace aio
