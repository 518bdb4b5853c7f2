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

/// The state that an executor's handles share: the calls that wait for a worker, and the workers
/// that make the others. It is a Runnable to hand the loop all calls that have come back in one
/// step.
class PoolQueue final : public ExecutorState, private Runnable {
 public:
  /// With as many workers as `threads` has threads of libuv's pool.
  explicit PoolQueue(std::shared_ptr<pool::Reservation> threads);
  ~PoolQueue() override;

  /// Takes `work`, or throws and leaves it.
  void submit(Ref<ThreadWork>& work, PoolOptions options);
  void shut_down() noexcept { shut_down_ = true; }
  unsigned max_workers() const { return max_workers_; }
  PoolStatistics statistics() const;

  /// Sets how long a worker keeps its thread while calls wait, if none takes longer. Then other
  /// users of libuv's pool have their turn; to return the thread and ask for it again costs a few
  /// hundredths of this time. Only tests set it, so that a worker stays and they can tell which
  /// call comes next.
  void set_worker_turn(Duration turn) noexcept { worker_turn_ = turn; }

  Claim claim() const override { return Claim::loop; }
  void send_gathered() override { start_waiting(); }
  /// Takes over the calls that were made by workers that have gone on with others.
  void take_done() override;
  /// Fetches small calls that are held up behind a slow one.
  bool look_after() override;
  void cancel_all() noexcept override;

  /// `work` was withdrawn, and will not be called.
  void on_withdrawn(const ThreadWork& work);
  /// `work` is back. If it was called, its outcome is handed to the loop.
  void on_arrived(Ref<ThreadWork> work);
  /// libuv has given back the request of `worker`, which is free again.
  void on_returned(PoolWorker& worker);
  bool has_free_worker() const;

  /// Sends free workers for the calls that wait.
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
  std::vector<std::unique_ptr<PoolWorker>> workers_;  // with a request in libuv's pool
  std::vector<std::unique_ptr<PoolWorker>> spare_;
  Duration worker_turn_ = std::chrono::milliseconds(1);
  ThreadWork* first_arrived_ = nullptr;  // calls that have come back, for `run`
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
