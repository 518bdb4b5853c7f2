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

/// Text in a given piece of memory. A signal handler may write it; text that does not fit is left
/// out.
class WireBuffer {
 public:
  WireBuffer(char* memory, std::size_t size) : memory_(memory), size_(size) {}

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

/// Writes the tasks of a loop in the form in which they travel to another process: lines of fields
/// between tabs. On the loop's thread; also in a signal handler at any moment there, so it only
/// reads and takes no memory.
///
///     aio 1
///     task   ID STATE WAITS-FOR CANCELLING AGE-NS NAME
///     made   FILE LINE                      (of the task above, where known)
///     frame  FUNCTION FILE LINE             (of its coroutines, innermost first)
///     by     THROUGH ID                     (a task that awaits it, and how)
///     end
void write_tasks(const LoopState& loop, WireBuffer& out) noexcept;

/// Reads such lines. Throws RuntimeError for other text, and where the last line is missing.
std::vector<TaskInfo> read_tasks(std::string_view lines);

/// The coroutines of a task as users know them: outermost first, without aio's own.
std::vector<CodePlace> stack_of(const TaskCore& task);

}  // namespace aio::detail
