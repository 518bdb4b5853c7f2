#include "aio/core/task_view.hpp"

namespace aio::detail {

const char* state_of(const LoopState& loop, const TaskCore& task) noexcept {
  if (loop.current_task == &task) return "running";
  if (!task.has_started()) return "new";
  const Waiter* const waiter = task.waiter();
  if (!waiter) return "ready";
  const FutureBase* const future = waiter->awaited_future();
  return future && future->done() ? "ready" : "waiting";
}

}  // namespace aio::detail
