#pragma once

#include "aio/detail/loop_state.hpp"
#include "aio/detail/ref.hpp"

namespace aio::detail {

/// One call that is made for a loop outside of it: by a thread of the pool, by another process. The
/// executor owns one reference, the future the other. All of this is for the loop's thread.
class PoolWork : public RefCounted, public Runnable {
 public:
  explicit PoolWork(LoopState& loop) : loop_(&loop) {}

  /// Withdraws it, and delivers that, if it has not started; else asks it to stop.
  virtual void cancel() noexcept = 0;
  /// It could not be submitted: lets go of everything, the future too.
  virtual void abandon() noexcept = 0;

  LoopState& loop() const { return *loop_; }

  void run() noexcept final {
    deliver();
    release();
  }
  void discard() noexcept final { run(); }

 protected:
  /// Hands the outcome to the future, if that still wants it, then lets go as `abandon` does.
  virtual void deliver() noexcept = 0;

 private:
  LoopState* loop_;  // waits for its pool work before it closes, and so outlives it
};

}  // namespace aio::detail
