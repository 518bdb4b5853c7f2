#pragma once

#include <uv.h>

#include <optional>

#include "aio/loop/uv_handle.hpp"

namespace aio::detail {

class LoopCore;

/// Looks, while small calls travel together, whether one of them holds up the others. A timer of
/// libuv's own: the pool works in real time where the loop's is virtual.
class PoolWatch {
 public:
  explicit PoolWatch(LoopCore& loop) : loop_(loop) {}
  PoolWatch(const PoolWatch&) = delete;
  PoolWatch& operator=(const PoolWatch&) = delete;

  /// Looks in a millisecond, if it is not going to anyway.
  void start();
  void close() noexcept { timer_.reset(); }

 private:
  void look();

  LoopCore& loop_;
  std::optional<UvHandle<uv_timer_t>> timer_;
};

}  // namespace aio::detail
