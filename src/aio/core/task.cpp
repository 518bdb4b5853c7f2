#include "aio/task.hpp"

#include <cstring>
#include <optional>

#include "aio/core/debug.hpp"
#include "aio/exception_group.hpp"

namespace aio::detail {

void take_task_numbers() noexcept {
  constexpr std::uint64_t lot = 64;
  static std::atomic<std::uint64_t> last{0};
  const std::uint64_t before = last.fetch_add(lot, std::memory_order_relaxed);
  task_numbers = {before + 1, before + lot + 1};
}

TaskExtra& TaskCore::make_extra() {
  if (TaskExtra* const extra = this->extra()) return *extra;
  auto* const extra = new TaskExtra;
  extra->made_at = made_at();
  std::atomic_signal_fence(std::memory_order_release);  // a signal handler may look
  origin_ = reinterpret_cast<std::uintptr_t>(extra) | has_extra;
  return *extra;
}

void TaskCore::delete_extra() noexcept { delete extra(); }

void TaskCore::set_flag(std::uint8_t flag, bool on) noexcept {
  flags_ = static_cast<std::uint8_t>(on ? flags_ | flag : flags_ & ~flag);
}

// --- Cancellation

void TaskCore::set_must_cancel(std::unique_ptr<CancelledError> request) noexcept {
  set_flag(has_must_cancel, request != nullptr);
  if (TaskExtra* const extra = this->extra()) extra->must_cancel = std::move(request);
}

void TaskCore::deliver_cancel() {
  if (cancel_wait(*extra()->must_cancel)) set_must_cancel(nullptr);
}

void TaskCore::throw_cancelled(const CancelledError* own) {
  std::unique_ptr<CancelledError> error;
  if (flags_ & has_must_cancel) error = std::move(extra()->must_cancel);
  set_must_cancel(nullptr);
  throw own ? *own : *error;
}

void TaskCore::throw_cancelled(FutureBase& awaited) {
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
  if (flags_ & is_cancelling_wait) return false;
  TaskExtra& extra = make_extra();
  extra.last_request = request;
  std::atomic_signal_fence(std::memory_order_release);
  ++extra.cancelling;
  if (!cancel_wait(request)) set_must_cancel(std::make_unique<CancelledError>(request));
  return true;
}

bool TaskCore::cancel_wait(const CancelledError& request) {
  if (!waiter_) return false;
  set_flag(is_cancelling_wait, true);
  const bool will_wake = waiter_->cancel(request);
  set_flag(is_cancelling_wait, false);
  return will_wake;
}

unsigned TaskCore::uncancel() {
  TaskExtra* const extra = this->extra();
  if (!extra) return 0;
  if (extra->cancelling > 0 && --extra->cancelling == 0) set_must_cancel(nullptr);
  return extra->cancelling;
}

bool TaskCore::end_own_cancel(unsigned settled) {
  if (uncancel() > settled) return false;
  set_must_cancel(nullptr);
  return true;
}

void TaskCore::set_expired_timeout(const Timeout* timeout) {
  make_extra().expired_timeout = timeout;
  set_flag(has_expired_timeout, timeout != nullptr);
}

// --- For inspection

std::string TaskCore::name() const {
  const TaskExtra* const extra = this->extra();
  return extra && !extra->name.empty() ? extra->name : "Task-" + std::to_string(number());
}

void TaskCore::set_name(std::string name) {
  TaskExtra& extra = make_extra();
  extra.name_changing = true;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  extra.name = std::move(name);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  extra.name_changing = false;
}

TimePoint TaskCore::made_when() const {
  const CoroFrame* frame = innermost();
  while (frame && !frame->is_outermost()) frame = frame->caller();
  return frame ? frame->time() : TimePoint::max();
}

std::source_location TaskCore::made_at() const {
  if (extra()) return extra()->made_at;
  std::source_location place;
  if constexpr (is_place_small) std::memcpy(static_cast<void*>(&place), &origin_, sizeof place);
  return place;
}

// --- Context

ContextCell& TaskCore::context() noexcept {
  TaskExtra& extra = *this->extra();
  return extra.given_context ? extra.given_context->cell : extra.context;
}

ContextCell& TaskCore::make_context() {
  ContextCell& context = make_extra().context;
  set_flag(has_context, true);
  return context;
}

// --- Running

void TaskCore::start_with(LoopState& loop, std::source_location made_at, TaskOptions* options) {
  std::optional<TaskOptions> given_none;
  if (loop.task_factory) {
    if (!options) options = &given_none.emplace();
    if (made_at.line() != 0) *options = std::move(*options).made_at(made_at);
    const TaskFactory factory = loop.task_factory;  // a copy: it may set another one
    factory(*loop.event_loop, *options);
    made_at = options->get_made_at();
  }
  set_origin(made_at);
  if (options && !options->get_name().empty()) make_extra().name = options->get_name();
  if (options && options->get_context()) {
    make_extra().given_context = options->get_context()->object();
    set_flag(has_context, true);
  } else if (!is_context_empty()) {
    make_context() = current_context();
  }
  const bool is_eager = options && options->get_eager_start().value_or(false);
  if (is_eager && running_loop() == &loop) {
    enter(loop);
    run();
  } else {
    loop.ready.push(*this);
    enter(loop);
  }
}

// A step:
// 1. A cancellation that came before the first one: no body runs.
// 2. The innermost coroutine goes on in the task's context, and all that it leads to until one has
//    to wait. The task is the current one meanwhile; an eager task does so inside another one's
//    step, or a callback, which then goes on as what it was.
// 3. If the outermost coroutine has ended, its outcome becomes the task's.
void TaskCore::run() noexcept {
  // A cancellation that came between being made ready and being put back is delivered here.
  if (end_put_back()) return suspend(waiter_);
  if (!has_started() && (flags_ & has_must_cancel)) return future().end_task(loop());
  if (flags_ & has_expired_timeout) set_expired_timeout(nullptr);
  LoopState& loop = this->loop();
  TaskCore* const outer = std::exchange(loop.current_task, this);
  {
    const ContextScope scope(flags_ & has_context ? context() : no_context);
    resume(loop);
  }
  loop.current_task = outer;
  if (flags_ & has_ended) future().end_task(loop);
}

std::unique_ptr<CancelledError> TaskCore::take_must_cancel() noexcept {
  return flags_ & has_must_cancel ? std::move(extra()->must_cancel) : nullptr;
}

bool is_cancellation(const std::exception_ptr& exception) noexcept {
  return holds<CancelledError>(exception);
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
