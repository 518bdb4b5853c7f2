#pragma once

#include <uv.h>

#include <optional>

#include "aio/loop/uv_handle.hpp"

namespace aio::detail {

class LoopCore;

/// Has the work outside of a loop looked after (OutsideWork::look_after) for as long as it needs
/// that. Uses a timer of libuv's own: other threads work in real time where the loop's is virtual.
class OutsideWatch {
 public:
  explicit OutsideWatch(LoopCore& loop) : loop_(loop) {}
  OutsideWatch(const OutsideWatch&) = delete;
  OutsideWatch& operator=(const OutsideWatch&) = delete;

  /// Looks in a millisecond, if it is not going to anyway.
  void start();
  void close() noexcept { timer_.reset(); }

 private:
  void look();

  LoopCore& loop_;
  std::optional<UvHandle<uv_timer_t>> timer_;
};

}  // namespace aio::detail
