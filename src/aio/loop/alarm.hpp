#pragma once

#include <uv.h>

#include <memory>

#include "aio/time.hpp"

namespace aio::detail {

/// Ends the wait of a `uv_loop_t` at a time: the one timer that a loop has of the kernel's.
class Alarm {
 public:
  Alarm() = default;
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  virtual ~Alarm() = default;

  /// Rings once when `time` has come, which may be now; what was set before is forgotten. May ring
  /// early, by a millisecond at most.
  virtual void set(TimePoint time) = 0;
  /// Does not ring any more.
  virtual void clear() noexcept = 0;

  /// While it is true, ringing is to end a `uv_run` that runs once.
  bool waiting = false;
};

/// The most punctual alarm that the system has. On Linux that is a timerfd, which is never early
/// and some 0.1 ms late; where that cannot be had, the portable one.
std::unique_ptr<Alarm> make_alarm(uv_loop_t* loop);

/// A `uv_timer_t`: libuv counts milliseconds, so it is up to one and a little more late.
std::unique_ptr<Alarm> make_portable_alarm(uv_loop_t* loop);

/// The timerfd; null where it cannot be had.
std::unique_ptr<Alarm> make_descriptor_alarm(uv_loop_t* loop) noexcept;

}  // namespace aio::detail
