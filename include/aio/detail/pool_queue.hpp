#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "aio/detail/executor_state.hpp"
#include "aio/detail/thread_work.hpp"
#include "aio/pool_options.hpp"

namespace aio::detail {

class PoolWorker;
class SmallCalls;
class WorkExchange;
namespace pool {
class Reservation;
}

/// What an executor's handles share: the calls that wait for a worker, and the workers that make
/// the others. It is a Runnable to hand the loop all calls that have come back in one step.
class PoolQueue final : public ExecutorState, private Runnable {
 public:
  /// As many workers as `threads` of libuv's pool.
  explicit PoolQueue(std::shared_ptr<pool::Reservation> threads);
  ~PoolQueue() override;

  /// Takes `work`, or throws and leaves it.
  void submit(Ref<ThreadWork>& work, PoolOptions options);
  void shut_down() noexcept { shut_down_ = true; }
  unsigned max_workers() const { return max_workers_; }
  PoolStatistics statistics() const;

  /// How long a worker keeps its thread when calls wait, if none takes longer. Others want libuv's
  /// pool too; to come back and be sent again costs some hundredths of this. Only tests set it: a
  /// worker that stays lets them say which call comes next.
  void set_worker_turn(Duration turn) noexcept { worker_turn_ = turn; }

  Claim claim() const override { return Claim::loop; }
  void send_gathered() override { start_waiting(); }
  /// Takes what workers have done who go on with other calls.
  void take_done() override;
  /// Sees to small calls that are held up.
  bool look_after() override;
  void cancel_all() noexcept override;

  /// `work` will not start.
  void on_withdrawn(const ThreadWork& work);
  /// `work` is back, begun or withdrawn: the loop is handed what has begun.
  void on_arrived(Ref<ThreadWork> work);
  /// A worker is free again: libuv has given it back.
  void on_returned(PoolWorker& worker);
  bool has_free_worker() const;

  /// Gives what waits to workers that are free.
  void start_waiting();

 private:
  void run() noexcept override;
  void discard() noexcept override { run(); }

  bool is_at_rest() const override { return !user(); }
  bool is_idle() const;
  bool start_next();
  void send_worker();

  const std::shared_ptr<pool::Reservation> threads_;
  const unsigned max_workers_;
  std::atomic<bool> shut_down_ = false;
  const std::unique_ptr<WorkExchange> exchange_;
  const std::unique_ptr<SmallCalls> small_calls_;
  std::vector<std::unique_ptr<PoolWorker>> workers_;  // that are out
  std::vector<std::unique_ptr<PoolWorker>> spare_;
  Duration worker_turn_ = std::chrono::milliseconds(1);
  ThreadWork* first_arrived_ = nullptr;  // what has come back, for `run`
  ThreadWork* last_arrived_ = nullptr;
  PoolStatistics statistics_;
};

/// Shuts the queue down when the last handle of its executor goes.
class PoolQueueOwner {
 public:
  explicit PoolQueueOwner(PoolQueue& queue) : queue_(queue) {}
  PoolQueueOwner(const PoolQueueOwner&) = delete;
  PoolQueueOwner& operator=(const PoolQueueOwner&) = delete;
  ~PoolQueueOwner() { queue_->shut_down(); }

 private:
  Ref<PoolQueue> queue_;
};

}  // namespace aio::detail
