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

/// The coroutines of a task as users know them: outermost first, without aio's own.
std::vector<CodePlace> stack_of(const TaskCore& task);

}  // namespace aio::detail
