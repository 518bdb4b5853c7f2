#pragma once

#include <optional>
#include <vector>

#include "aio/detail/process_pool.hpp"
#include "aio/event_loop.hpp"
#include "aio/loop/descriptors.hpp"
#include "aio/loop/guest.hpp"
#include "aio/loop/poller.hpp"
#include "aio/loop/resources.hpp"
#include "aio/loop/shuffle.hpp"
#include "aio/loop/signals.hpp"
#include "aio/threads/pool_watch.hpp"

namespace aio::detail {

/// A loop as it is inside: what is ready, due and alive (LoopState), the kernel's side (Poller),
/// and what users registered.
class LoopCore final : public LoopState {
 public:
  enum class Time { real, virtual_time };

  LoopCore(EventLoop& loop, Time time, uv_loop_t* borrowed = nullptr);

  TimePoint now() const override;
  bool has_virtual_time() const { return time_ == Time::virtual_time; }

  void run_forever();
  void stop() { stopping_ = true; }
  bool is_running() const override { return running_; }
  void close();
  std::uint64_t turn_count() const { return turn_count_; }

  /// Cancels every task and runs until they have ended; what they fail with is reported.
  void cancel_all_tasks();

  /// Work of processes that is queued or running, and below executors that have work of this loop:
  /// while there is some, virtual time stands still, and the loop waits for it before it closes.
  void add_pool_work(PoolWork& work) noexcept;
  void remove_pool_work(PoolWork& work) noexcept;

  /// Makes a turn inside the `uv_run` of the loop's owner, who has polled.
  void guest_turn();
  /// When the loop has to go on though nothing else comes; never if no timer is armed. Deadlines
  /// that crowd share a wake-up, so it may be a little later than the first of them.
  std::optional<TimePoint> next_alarm() const;
  /// Whether there is anything left that the loop is needed for.
  bool has_work() const;
  /// Something was asked of the loop: if somebody else runs it, that has to go on.
  void hold_owner() noexcept {
    if (guest_) poller.hold(true);
  }
  void add_pool(PoolQueue& pool) { pools_.emplace_back(pool); }
  void remove_pool(PoolQueue& pool) noexcept;
  /// See PoolQueue::look_after_small_calls.
  bool look_after_pools();
  void take_from_pools() override;
  /// Pools that have worker processes: they end before the loop has closed.
  void add_process_pool(ProcessPool& pool);
  void remove_process_pool(ProcessPool& pool) noexcept;

  Poller poller;
  Signals signals{*this, poller.uv()};
  Descriptors descriptors{*this, poller.uv()};
  Resources resources;
  PoolWatch pool_watch{*this};
  /// Small calls wait for the end of the turn, to leave together.
  bool has_gathered_calls = false;
  /// Requests in libuv's pool that are no PoolWork; virtual time stands still while there are some.
  unsigned pool_requests = 0;
  std::optional<ThreadPoolExecutor> default_executor;
  bool default_executor_shut_down = false;
  ExceptionHandler exception_handler;
  std::optional<Shuffle> shuffle;

 private:
  class RunningScope;

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
  void send_gathered_calls();
  void end_leftover_tasks();
  void end_pool_work();
  void end_process_pools();
  void discard_ready();
  void wait_for_pools();
  bool has_pool_work() const { return first_pool_work_ || !pools_.empty(); }
  bool must_wait_outside() const;

  std::optional<Guest> guest_;
  const Time time_;
  TimePoint virtual_now_{};
  TimePoint last_poll_{};
  TimePoint alarm_for_many_{};  // two that are due before it wait for it
  std::uint64_t turn_count_ = 0;
  std::size_t steps_since_look_ = 0;
  std::size_t look_interval_ = 1;
  PoolWork* first_pool_work_ = nullptr;
  std::vector<Ref<PoolQueue>> pools_;
  std::vector<Ref<ProcessPool>> process_pools_;
  std::atomic<bool> running_ = false;  // other threads look in debug mode
  bool stopping_ = false;
};

}  // namespace aio::detail
