#pragma once

#include <memory>
#include <optional>

#include "aio/detail/outside_work.hpp"
#include "aio/event_loop.hpp"
#include "aio/loop/descriptors.hpp"
#include "aio/loop/guest.hpp"
#include "aio/loop/outside_watch.hpp"
#include "aio/loop/poller.hpp"
#include "aio/loop/resources.hpp"
#include "aio/loop/shuffle.hpp"
#include "aio/loop/signals.hpp"

namespace aio::detail {

class DefaultExecutor;

/// A loop as it is inside: its queue, timers and tasks (LoopState), the kernel's side (Poller), the
/// work that is done outside of it, and the handlers that users registered.
class LoopCore final : public LoopState {
 public:
  enum class Time { real, virtual_time };

  LoopCore(EventLoop& loop, Time time, uv_loop_t* borrowed = nullptr);

  TimePoint now() const override;
  bool has_virtual_time() const { return time_ == Time::virtual_time; }

  void run_forever();
  void stop() { stopping_ = true; }
  /// Whether a turn has to be made without waiting for the kernel.
  bool must_turn() const { return !ready.empty() || stopping_; }
  bool is_running() const override { return running_; }
  void close();
  std::uint64_t turn_count() const { return turn_count_; }

  /// Cancels every task and runs until they have ended; their errors are reported.
  void cancel_all_tasks();

  /// Makes a turn inside the `uv_run` of the loop's owner, who has polled.
  void guest_turn();
  /// When the loop has to go on though nothing else comes; never if no timer is armed. Deadlines
  /// that crowd share a wake-up, so it may be a little later than the first of them.
  std::optional<TimePoint> next_alarm() const;
  /// Whether there is anything left that the loop is needed for.
  bool has_work() const;
  /// Something was asked of the loop: if another owner runs it, that run has to go on.
  void hold_owner() noexcept {
    if (guest_) poller.hold(true);
  }
  void take_done_outside() override { outside.take_done(); }

  Poller poller;
  Signals signals{*this, poller.uv()};
  Descriptors descriptors{*this, poller.uv()};
  Resources resources;
  OutsideWorkList outside;  ///< executors that have calls or workers, lookups of names
  OutsideWatch outside_watch{*this};
  std::shared_ptr<DefaultExecutor> default_executor;  ///< null until it is needed
  ExceptionHandler exception_handler;
  std::optional<Shuffle> shuffle;

 private:
  class RunningScope;

  void call_exception_handler(const ExceptionContext& context) noexcept override {
    event_loop->call_exception_handler(context);
  }

  void turn();
  void run_short_turns();
  bool must_look(std::size_t steps) const;
  void look();
  bool may_timer_be_due(std::size_t steps) const;
  void run_ready();
  void run_steps(std::size_t count, ContextCell* context);
  void run_apart(Ready next_one, ContextCell* context);
  void run_ready_in_debug(std::size_t count);
  void closing_turn();
  void poll();
  void wait();
  void make_due_timers_ready();
  void make_due(TimerNode& node) noexcept;
  void end_leftover_tasks();
  void finish_outside_work();
  void end_outside_work();
  void discard_ready();
  void wait_for_outside_work();
  bool has_outside_work() const { return outside.claims(OutsideWork::Claim::loop); }

  std::optional<Guest> guest_;
  const Time time_;
  TimePoint virtual_now_{};
  TimePoint last_poll_{};
  TimePoint alarm_for_many_{};  // two that are due before it wait for it
  std::uint64_t turn_count_ = 0;
  std::size_t steps_since_look_ = 0;
  std::size_t look_interval_ = 1;
  std::atomic<bool> running_ = false;  // other threads look in debug mode
  bool stopping_ = false;
};

/// The loop as it is inside: every loop is a LoopCore.
inline LoopCore& core_of(LoopState& loop) { return static_cast<LoopCore&>(loop); }
/// The running loop; throws RuntimeError if there is none.
inline LoopCore& running_core() { return core_of(require_running_loop()); }

}  // namespace aio::detail
