#pragma once

#include <atomic>
#include <vector>

#include "aio/detail/outside_work.hpp"
#include "aio/future.hpp"

namespace aio::detail {

/// The common part of both kinds of executors: one loop at a time uses one, and is waited for. It
/// is in that loop's list of outside work from `begin_use` to `end_use`.
class ExecutorState : public OutsideWork {
 public:
  /// A future that is done when nothing is queued or running any more; each caller has one of its
  /// own and may cancel it. Throws RuntimeError if another loop uses the executor.
  Future<void> when_idle(LoopState& loop);

 protected:
  /// Throws RuntimeError if another loop uses the executor.
  void begin_use(LoopState& loop) {
    if (user_.load(std::memory_order_relaxed) != &loop) [[unlikely]]
      take_for(loop);
  }
  /// Lets another loop use it, and tells those who wait for that. May free the executor.
  void end_use() noexcept;
  void tell_idle() noexcept;

  /// The loop that uses it, null if none does. Only on that loop's thread does it stay so.
  LoopState* user() const noexcept { return user_; }
  virtual bool is_at_rest() const = 0;

 private:
  void take_for(LoopState& loop);

  std::atomic<LoopState*> user_ = nullptr;
  std::vector<Future<void>> idle_waiters_;
};

}  // namespace aio::detail
