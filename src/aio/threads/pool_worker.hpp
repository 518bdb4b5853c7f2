#pragma once

#include <uv.h>

#include <cstddef>

#include "aio/loop/poller.hpp"
#include "aio/threads/work_exchange.hpp"

namespace aio::detail {

/// A thread of libuv's pool that works for an executor for a while. It makes the first call of the
/// queue, then the one that is first by then, and so on, until no call waits or its turn is over:
/// libuv's pool, which serves in the order of coming, has other users too.
class PoolWorker {
 public:
  PoolWorker(PoolQueue& queue, WorkExchange& exchange) : queue_(queue), exchange_(exchange) {
    request_.data = this;
  }
  PoolWorker(const PoolWorker&) = delete;
  PoolWorker& operator=(const PoolWorker&) = delete;

  /// Hands it to libuv for a turn that long, which gives it back to the queue.
  void send(Poller& poller, Duration turn);

  /// The call that it makes, which changes under the exchange's lock; once it is back, the last one
  /// that it made.
  Ref<ThreadWork> work;
  std::size_t index = 0;  ///< in the list of those that are out

 private:
  void make_calls() noexcept;

  PoolQueue& queue_;
  WorkExchange& exchange_;
  Poller* poller_ = nullptr;
  Duration turn_{};
  uv_work_t request_{};
};

}  // namespace aio::detail
