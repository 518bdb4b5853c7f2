#pragma once

#include <uv.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "aio/detail/callback.hpp"
#include "aio/loop/alarm.hpp"
#include "aio/loop/doorbell.hpp"
#include "aio/time.hpp"

namespace aio::detail {

/// A `uv_loop_t` of our own. All handles on it are to be dropped before it.
class OwnUvLoop {
 public:
  OwnUvLoop() { throw_if_uv_error(uv_loop_init(&loop_), "cannot make an event loop"); }
  OwnUvLoop(const OwnUvLoop&) = delete;
  OwnUvLoop& operator=(const OwnUvLoop&) = delete;
  ~OwnUvLoop() {
    // Handles are gone only when libuv has called their close callbacks.
    while (uv_run(&loop_, UV_RUN_DEFAULT) != 0) {
    }
    require(uv_loop_close(&loop_) == 0, "an event loop was closed with handles still open");
  }

  uv_loop_t* get() { return &loop_; }

 private:
  uv_loop_t loop_;
};

/// The kernel's side of a loop: a `uv_loop_t` with the one alarm that is set for the earliest
/// deadline, and the way in for other threads. Whatever comes in is only made ready here, never
/// run: so nothing runs from inside libuv, and nothing can re-enter it.
class Poller {
 public:
  /// On a `uv_loop_t` of its own, or on one of another owner.
  explicit Poller(LoopState& loop, uv_loop_t* borrowed = nullptr);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// Takes in the events that have come, without waiting.
  void poll();
  /// Waits until something comes or `deadline` has passed; for as long as it takes if there is
  /// none. May return early.
  void wait(std::optional<TimePoint> deadline);

  /// Makes `callback` ready from any thread and wakes the loop. False if the loop is closed.
  bool post(Ref<Callback> callback);
  /// Wakes the loop from any thread, to take over finished work from outside. Nothing if it is
  /// closed.
  void wake();

  /// Frees everything, after all other handles of the loop were dropped.
  void close();

  uv_loop_t* uv() { return uv_; }
  bool is_borrowed() const { return is_borrowed_; }

  /// Whether the owner's `uv_run` is to go on for this loop's sake.
  void hold(bool on) noexcept;
  /// Has `uv_run` wait until `deadline` at most.
  void set_alarm(std::optional<TimePoint> deadline);
  /// Uses the alarm of systems without a timerfd, for tests of it.
  void use_portable_alarm() { alarm_ = make_portable_alarm(uv_); }

 private:
  void take_posted();

  LoopState& loop_;
  std::optional<OwnUvLoop> own_;  // until it is closed, if it is not borrowed
  uv_loop_t* const uv_;
  const bool is_borrowed_;
  std::unique_ptr<Alarm> alarm_;

  std::mutex mutex_;  // guards the members below; the loop's thread alone changes `doorbell_`
  std::vector<Ref<Callback>> posted_;
  std::atomic<bool> has_posted_ = false;  // may be looked at without the lock
  std::shared_ptr<Doorbell> doorbell_;    // shared with the threads that ring it; null once closed
};

}  // namespace aio::detail
