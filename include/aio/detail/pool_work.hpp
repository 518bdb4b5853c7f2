#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <vector>

#include "aio/detail/pool_future.hpp"
#include "aio/detail/work_queue.hpp"
#include "aio/future.hpp"

namespace aio::detail {

class PoolQueue;
namespace pool {
class Reservation;
}

/// One function's way to a pool thread and back. The queue, then libuv, own one reference. `call`
/// runs on a pool thread and touches nothing but the work itself; all else happens on the loop's
/// thread.
class ThreadWork : public PoolWork {
 public:
  using PoolWork::PoolWork;

  void cancel() noexcept override;
  bool is_withdrawn() const noexcept { return stage_ == Stage::withdrawn; }

  /// On the pool thread: calls the function unless it was withdrawn.
  void work() noexcept;

  ThreadWork* next_in_queue = nullptr;

 protected:
  virtual void call(const std::stop_token& stop) noexcept = 0;

 private:
  friend class PoolQueue;
  enum class Stage : unsigned char { queued, running, withdrawn };

  std::atomic<Stage> stage_ = Stage::queued;
  bool has_worker_ = false;
  std::stop_source stop_;
  PoolQueue* queue_ = nullptr;  // lives while it has work that has not started
  TimePoint queued_at_{};
};

/// What an executor's handles share: the work that waits for a worker, and how many workers are
/// busy.
class PoolQueue : public RefCounted {
 public:
  /// As many workers as `threads` of libuv's pool.
  explicit PoolQueue(std::shared_ptr<pool::Reservation> threads);

  void submit(Ref<ThreadWork> work, int priority);
  void shut_down() noexcept { shut_down_ = true; }
  bool is_shut_down() const { return shut_down_; }
  unsigned max_workers() const { return max_workers_; }
  PoolStatistics statistics() const;

  /// A future that is done when nothing is queued or running any more; each caller has one of its
  /// own and may cancel it. Throws RuntimeError if another loop has work here.
  Future<void> when_idle(LoopState& loop);

  /// `work` will not start.
  void on_withdrawn(const ThreadWork& work);
  /// A worker is free again: libuv has given back `work`.
  void on_work_done(const ThreadWork& work);

 private:
  void start(Ref<ThreadWork> work);
  void start_waiting(LoopState& loop);

  const std::shared_ptr<pool::Reservation> threads_;
  const unsigned max_workers_;
  unsigned busy_ = 0;
  std::atomic<bool> shut_down_ = false;
  std::atomic<LoopState*> user_ = nullptr;  // the loop that has work here; only it sees the rest
  WorkQueue<ThreadWork> waiting_;
  PoolStatistics statistics_;
  std::vector<Future<void>> idle_waiters_;
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
