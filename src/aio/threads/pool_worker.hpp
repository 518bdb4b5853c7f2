#pragma once

#include <uv.h>

#include <cstddef>

#include "aio/loop/poller.hpp"
#include "aio/threads/work_exchange.hpp"

namespace aio::detail {

/// A thread of libuv's pool that works for an executor for a while. It makes the call that is first
/// in the queue when it gets there, then the one that is first then, and so on, until nothing waits
/// or its turn is over: others want libuv's pool too, which serves in the order of coming.
class PoolWorker {
 public:
  PoolWorker(PoolQueue& queue, WorkExchange& exchange) : queue_(queue), exchange_(exchange) {
    request_.data = this;
  }
  PoolWorker(const PoolWorker&) = delete;
  PoolWorker& operator=(const PoolWorker&) = delete;

  /// Hands it to libuv for a turn that long, which gives it back to the queue.
  void send(Poller& poller, Duration turn);

  /// What it is at while it is out: changes under the exchange's lock. Then what it did last.
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
