#include "aio/task.hpp"

#include "debug.hpp"

namespace aio::detail {

void TaskCore::suspend(std::coroutine_handle<> leaf, Waiter* waiter) {
  leaf_ = leaf;
  waiter_ = waiter;
  if (must_cancel_ && cancel_wait(*must_cancel_)) must_cancel_.reset();
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
  // It is being asked already: it waits, in a circle, for the one who asks.
  if (cancelling_wait_) return false;
  ++cancelling_;
  last_request_ = request;
  if (!cancel_wait(request)) must_cancel_ = std::make_unique<CancelledError>(request);
  return true;
}

bool TaskCore::cancel_wait(const CancelledError& request) {
  if (!waiter_) return false;
  cancelling_wait_ = true;
  const bool will_wake = waiter_->cancel(request);
  cancelling_wait_ = false;
  return will_wake;
}

unsigned TaskCore::uncancel() {
  if (cancelling_ > 0 && --cancelling_ == 0) must_cancel_.reset();
  return cancelling_;
}

bool TaskCore::end_own_cancel(unsigned settled) {
  if (uncancel() > settled) return false;
  must_cancel_.reset();
  return true;
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

void TaskCore::start(TaskOptions options) {
  if (const TaskFactory factory = loop().task_factory) {  // a copy: it may set another one
    factory(*loop().event_loop, options);
  }
  static std::atomic<std::uint64_t> last_number{0};
  number_ = last_number.fetch_add(1, std::memory_order_relaxed) + 1;
  name_ = options.get_name();
  if (const auto& context = options.get_context()) {
    given_context_ = context->object();
  } else {
    context_ = current_context();
  }
  made_at = options.get_made_at();
  made_when_ = loop().turn_time;
  future().add_ref();
  loop().add_task(*this);
  if (options.get_eager_start().value_or(false) && running_loop() == &loop()) {
    run();
  } else {
    loop().ready.push(*this);
  }
}

void TaskCore::leave_loop() noexcept {
  loop().remove_task(*this);
  future().release();
}

// One step:
// 1. A task that was cancelled before its first step ends here; its body never runs.
// 2. Resume the innermost coroutine, and then whichever coroutine that one names in `next`, until
//    one suspends without naming another. An eager task does so inside another one's step, or a
//    callback, which then goes on as what it was.
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
  expired_timeout = nullptr;
  TaskCore* const outer = std::exchange(state.current_task, this);
  next = leaf_;
  {
    const ContextScope scope(given_context_ ? given_context_->cell : context_);
    while (next) std::exchange(next, nullptr).resume();
  }
  state.current_task = outer;
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
