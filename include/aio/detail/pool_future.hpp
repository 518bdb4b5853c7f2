#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "aio/detail/future_state.hpp"
#include "aio/pool_options.hpp"

namespace aio::detail {

/// Work that somebody else does for a loop: a thread of the pool, another process. Who does it owns
/// one reference; the future the other. All of this is for the loop's thread.
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

  PoolWork* previous_in_loop = nullptr;  // the loop's list of its pool work
  PoolWork* next_in_loop = nullptr;

 protected:
  /// Hands the outcome to the future, if that still wants it, then lets go as `abandon` does.
  virtual void deliver() noexcept = 0;

 private:
  LoopState* loop_;  // waits for its pool work before it closes, so it outlives the work
};

/// The future of pool work. Cancelling it cancels the work; whether it then waits for the end of
/// work that runs is the caller's choice.
template <class T>
class PoolFuture final : public PlainFuture<T> {
 public:
  /// With that many references.
  PoolFuture(LoopState& loop, OnCancel on_cancel, std::uint32_t references = 1)
      : PlainFuture<T>(loop, references), on_cancel_(on_cancel) {}

  bool cancel(const CancelledError& request) override {
    if (this->done() || !work_) return FutureBase::cancel(request);
    const Ref<PoolWork> work(*work_);
    if (on_cancel_ == OnCancel::abandon) {
      FutureBase::cancel(request);
      work_ = nullptr;
    } else if (!request_) {
      this->mark_retrieved();
      request_ = std::make_unique<CancelledError>(request);
    }
    work->cancel();
    return true;
  }

  const char* word() const noexcept override { return "executor"; }

  /// Until `forget`, which the work has to call before it goes.
  void follow(PoolWork& work) { work_ = &work; }
  void forget() { work_ = nullptr; }

  /// The work has ended. Whether there is nothing to be set: it was cancelled, or is so now.
  bool finish_if_cancelled() noexcept {
    if (!this->done() && request_) this->finish_cancelled(std::move(*request_));
    return this->done();
  }

 private:
  PoolWork* work_ = nullptr;  // which owns this until it forgets it
  const OnCancel on_cancel_;
  std::unique_ptr<CancelledError> request_;  // what to end with when the work has ended
};

}  // namespace aio::detail
