#pragma once

#include <optional>

#include "aio/event_loop.hpp"
#include "descriptors.hpp"
#include "poller.hpp"
#include "resources.hpp"
#include "signals.hpp"

namespace aio::detail {

/// A loop as it is inside: what is ready, due and alive (LoopState), the kernel's side (Poller),
/// and what users registered.
class LoopCore final : public LoopState {
 public:
  enum class Time { real, virtual_time };

  LoopCore(EventLoop& loop, Time time);

  TimePoint now() const override;

  void run_forever();
  void stop() { stopping_ = true; }
  bool is_running() const { return running_; }
  void close();
  std::uint64_t turn_count() const { return turn_count_; }

  /// Cancels every task and runs until they have ended; what they fail with is reported.
  void cancel_all_tasks();

  /// Pool work that is queued or running: while there is some, virtual time stands still, and the
  /// loop waits for it before it closes.
  void add_pool_work(PoolWork& work) noexcept;
  void remove_pool_work(PoolWork& work) noexcept;

  Poller poller{*this};
  Signals signals{*this, poller.uv()};
  Descriptors descriptors{*this, poller.uv()};
  Resources resources;
  /// Requests in libuv's pool that are no PoolWork; virtual time stands still while there are some.
  unsigned pool_requests = 0;
  std::optional<ThreadPoolExecutor> default_executor;
  bool default_executor_shut_down = false;
  ExceptionHandler exception_handler;

 private:
  class RunningScope;

  void turn();
  void closing_turn();
  void poll();
  void wait();
  void make_due_timers_ready();
  void end_leftover_tasks();
  void end_pool_work();

  const Time time_;
  TimePoint virtual_now_{};
  TimePoint last_poll_{};
  std::uint64_t turn_count_ = 0;
  PoolWork* first_pool_work_ = nullptr;
  bool running_ = false;
  bool stopping_ = false;
};

}  // namespace aio::detail
