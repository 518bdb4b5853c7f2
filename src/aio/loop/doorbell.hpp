#pragma once

#include <uv.h>

#include <atomic>
#include <functional>
#include <optional>

#include "aio/loop/owned_descriptor.hpp"
#include "aio/loop/uv_handle.hpp"

namespace aio::detail {

/// Ends the wait of a `uv_loop_t` from any thread.
///
/// A `uv_async_t` does too, but libuv has the loop's thread spin until the one that woke it is out
/// of the call. Where both are on one processor and the loop's thread goes first, it keeps the
/// other from getting there: that took up to a quarter of the processor time of a long list.
class Doorbell {
 public:
  /// `on_ring` is called in the loop's thread, once for all rings before.
  Doorbell(uv_loop_t* loop, std::function<void()> on_ring);
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  /// Any thread may call, until it lets go of the doorbell; after `close` it does nothing.
  void ring() noexcept;

  /// On the loop's thread: frees the part that the loop has.
  void close() { poll_.reset(); }

  /// Whether it alone keeps the loop running. It does at first.
  void hold(bool on) noexcept;

 private:
  void answer();

  OwnedDescriptor heard_;   // readable once it has rung
  OwnedDescriptor pushed_;  // where ringing writes, if that is not the same
  std::atomic<bool> is_rung_ = false;
  std::function<void()> on_ring_;
  std::optional<UvHandle<uv_poll_t>> poll_;  // the loop's thread's
};

}  // namespace aio::detail
