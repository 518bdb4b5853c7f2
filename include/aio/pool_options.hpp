#pragma once

#include <cstddef>
#include <cstdint>

#include "aio/time.hpp"

namespace aio {

/// The effect of cancelling the await of a call that a worker has begun.
enum class OnCancel : unsigned char {
  abandon,  ///< the await ends at once; the work ends when it likes, and its result goes nowhere
  wait,     ///< the await ends, with CancelledError, when the work has really ended
};

/// How one call of `run_in_executor` is to be treated:
///
///     loop.run_in_executor(executor, aio::PoolOptions().priority(2), f, args…)
class PoolOptions {
 public:
  constexpr PoolOptions() noexcept {}

  /// Work of a higher priority starts first, of equal ones the one that came first. 0 where none is
  /// given; may be negative. Low priorities may wait for ever while higher ones keep coming.
  constexpr PoolOptions priority(int value) const noexcept {
    PoolOptions changed = *this;
    changed.priority_ = value;
    return changed;
  }
  constexpr int priority() const noexcept { return priority_; }

  /// `abandon` where none is given. Either way work that waits for a worker is withdrawn at once,
  /// and work that runs is asked to stop: a thread by its stop token, a process by SIGKILL.
  constexpr PoolOptions on_cancel(OnCancel value) const noexcept {
    PoolOptions changed = *this;
    changed.on_cancel_ = value;
    return changed;
  }
  constexpr OnCancel on_cancel() const noexcept { return on_cancel_; }

  /// Says that the call takes microseconds at most, less than it costs to send it to a thread. Such
  /// calls travel together: those of one turn of the loop leave at its end, up to 512 with a
  /// worker, and their results come back together. They are spread over the workers that are free,
  /// as far as what they took lately says that it is worth waking one. Any other call is
  /// there for the next free worker at once, and nothing travels with it. A worker that is at such
  /// calls takes small ones too where they are next, one at a time.
  ///
  /// All else holds as for other calls, and each by itself. One that takes long after all holds
  /// back those beside it for two milliseconds or so: then their results are fetched, and what had
  /// not begun goes to another worker. Means nothing to a process, which takes one call at a time.
  constexpr PoolOptions small(bool value = true) const noexcept {
    PoolOptions changed = *this;
    changed.is_small_ = value;
    return changed;
  }
  constexpr bool is_small() const noexcept { return is_small_; }

 private:
  int priority_ = 0;
  OnCancel on_cancel_ = OnCancel::abandon;
  bool is_small_ = false;
};

/// The calls of an executor since it was made:
/// `submitted == queued + running + completed + cancelled`.
struct PoolStatistics {
  unsigned max_workers = 0;
  std::size_t running = 0;      ///< begun by a worker, and not yet back on the loop
  std::size_t queued = 0;       ///< not begun
  std::uint64_t submitted = 0;  ///< accepted
  std::uint64_t completed = 0;  ///< ended after it had started, wanted or not
  std::uint64_t cancelled = 0;  ///< withdrawn before it started
  Duration longest_wait{};      ///< the longest that work, once started, had waited for a worker
};

}  // namespace aio
