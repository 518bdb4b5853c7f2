#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aio/detail/loop_state.hpp"
#include "aio/detail/task_core.hpp"
#include "aio/inspect.hpp"

namespace aio::detail {

/// Text in a given piece of memory. A signal handler may write it; what does not fit is left out.
class LineBuffer {
 public:
  LineBuffer(char* memory, std::size_t size) : memory_(memory), size_(size) {}

  void text(std::string_view text) noexcept;
  /// A tab, and `text` with tabs, line feeds and backslashes escaped.
  void field(std::string_view text) noexcept;
  void field(std::uint64_t number) noexcept;

  bool is_full() const { return full_; }
  std::string_view written() const { return {memory_, used_}; }

 private:
  void put(char c) noexcept;

  char* memory_;
  std::size_t size_;
  std::size_t used_ = 0;
  bool full_ = false;
};

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

/// The tasks of a loop as lines of fields between tabs. On the loop's thread; also in a signal
/// handler at any moment there, so it only reads and takes no memory.
///
///     aio 1
///     task   ID STATE WAITS-FOR CANCELLING AGE-NS NAME
///     made   FILE LINE                      (of the task above, where known)
///     frame  FUNCTION FILE LINE             (innermost first)
///     by     THROUGH ID                     (who awaits it)
///     end
void write_task_lines(const LoopState& loop, LineBuffer& out) noexcept;

/// Reads them again. Throws RuntimeError for what is not such lines, or not all of them.
std::vector<TaskInfo> parse_task_lines(std::string_view lines);

/// What a task is doing: "new", "ready", "running", "waiting".
const char* state_of(const LoopState& loop, const TaskCore& task) noexcept;

/// The coroutines of a task as users know them: outermost first, without aio's own.
std::vector<CodePlace> stack_of(const TaskCore& task);

}  // namespace aio::detail
