#pragma once

#include <uv.h>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "aio/detail/callback.hpp"
#include "aio/time.hpp"
#include "uv_handle.hpp"

namespace aio::detail {

/// The kernel's side of a loop: a `uv_loop_t` with the one timer that is armed for the earliest
/// deadline, and the way in for other threads. Whatever comes in is only made ready here, never
/// run: so nothing runs from inside libuv, and nothing can re-enter it.
class Poller {
 public:
  /// On a `uv_loop_t` of its own, or on one that somebody else owns.
  explicit Poller(LoopState& loop, uv_loop_t* borrowed = nullptr);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// Takes in what has come, without waiting.
  void poll();
  /// Waits until something comes or `deadline` has passed; for as long as it takes if there is
  /// none. May return early.
  void wait(std::optional<TimePoint> deadline);

  /// Makes `callback` ready from any thread and wakes the loop. False if the loop is closed.
  bool post(Ref<Callback> callback);

  /// Frees everything, after all other handles of the loop were dropped.
  void close();

  uv_loop_t* uv() { return uv_; }

  /// Whether the owner's `uv_run` is to go on for this loop's sake.
  void hold(bool on) noexcept;
  /// Has `uv_run` wait for the first of the timers at most.
  void arm_for(const TimerHeap& timers);

 private:
  bool is_borrowed() const { return uv_ != &own_; }
  void arm(TimePoint deadline);
  void disarm() noexcept;
  void take_posted();

  LoopState& loop_;
  uv_loop_t own_;
  uv_loop_t* const uv_;
  std::optional<UvHandle<uv_async_t>> wake_;
  std::optional<UvHandle<uv_timer_t>> timer_;
  std::optional<TimePoint> armed_for_;
  bool waiting_ = false;

  std::mutex mutex_;  // guards what follows, and `wake_` against closing
  std::vector<Ref<Callback>> posted_;
  bool closed_ = false;
};

}  // namespace aio::detail
