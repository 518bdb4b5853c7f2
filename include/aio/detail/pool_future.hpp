#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "aio/detail/future_state.hpp"
#include "aio/detail/pool_work.hpp"
#include "aio/pool_options.hpp"

namespace aio::detail {

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
  std::unique_ptr<CancelledError> request_;  // its exception once the work has ended
};

}  // namespace aio::detail
