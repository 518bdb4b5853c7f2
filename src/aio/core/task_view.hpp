#pragma once

#include "aio/detail/loop_state.hpp"
#include "aio/detail/task_core.hpp"

namespace aio::detail {

// The parts of a task that can be seen from outside. A signal handler on the loop's thread may look
// too: all of it only reads, and takes no memory.

/// The state of the task: "new", "ready", "running", "waiting".
const char* state_of(const LoopState& loop, const TaskCore& task) noexcept;

/// Calls `visit(word, task)` for each that waits for `future`, be it through other futures: "task"
/// or how it waits, and the task, null for a plain callback.
template <class Visit>
void visit_awaiting(const FutureBase& future, const Visit& visit, const char* through = nullptr,
                    int depth = 16) {
  for (const DoneNode* node = future.first_waiting(); node; node = node->next()) {
    FutureBase* const waiting = node->awaiting_future();
    const char* const word = node->awaiting_word() ? node->awaiting_word() : through;
    if (!waiting) {
      visit("callback", static_cast<const TaskCore*>(nullptr));
    } else if (const TaskCore* const task = waiting->as_task()) {
      visit(word ? word : "task", task);
    } else if (depth > 0) {
      visit_awaiting(*waiting, visit, word ? word : waiting->word(), depth - 1);
    }
  }
}

}  // namespace aio::detail
