#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <vector>

#include "aio/detail/loop_state.hpp"
#include "aio/future.hpp"

namespace aio::detail {

class PoolQueue;
namespace pool {
class Reservation;
}

/// One function's way to a pool thread and back. The queue, then libuv, own one reference; the
/// future the other. `call` runs on a pool thread and touches nothing but the work itself; all else
/// happens on the loop's thread.
class PoolWork : public RefCounted, public Runnable {
 public:
  explicit PoolWork(LoopState& loop) : loop_(&loop) {}

  /// Withdraws it if it has not started, else asks it to stop.
  void cancel() noexcept;
  /// It could not be submitted: lets go of function and future.
  virtual void abandon() noexcept = 0;

  LoopState& loop() const { return *loop_; }
  bool is_withdrawn() const noexcept { return stage_ == Stage::withdrawn; }

  /// On the pool thread: calls the function unless it was withdrawn.
  void work() noexcept;

  void run() noexcept override;
  void discard() noexcept override { run(); }

  PoolWork* previous_in_loop = nullptr;  // the loop's list of its pool work
  PoolWork* next_in_loop = nullptr;

 protected:
  virtual void call(const std::stop_token& stop) noexcept = 0;
  /// Hands the outcome to the future, if that still wants it, then lets go as `abandon` does.
  virtual void deliver() noexcept = 0;

 private:
  friend class PoolQueue;
  enum class Stage : unsigned char { queued, running, withdrawn };

  LoopState* loop_;  // waits for its pool work before it closes, so it outlives the work
  std::atomic<Stage> stage_ = Stage::queued;
  std::stop_source stop_;
  PoolWork* next_in_queue_ = nullptr;
};

/// What an executor's handles share: the work that waits for a worker, and how many workers are
/// busy.
class PoolQueue : public RefCounted {
 public:
  /// As many workers as `threads` of libuv's pool.
  explicit PoolQueue(std::shared_ptr<pool::Reservation> threads);

  void submit(Ref<PoolWork> work);
  void shut_down() noexcept { shut_down_ = true; }
  bool is_shut_down() const { return shut_down_; }
  unsigned max_workers() const { return max_workers_; }

  /// A future that is done when nothing is queued or running any more; each caller has one of its
  /// own and may cancel it. Throws RuntimeError if another loop has work here.
  Future<void> when_idle(LoopState& loop);

  /// A worker is free again: libuv has given back this executor's work.
  void on_work_done(LoopState& loop);

 private:
  void start_waiting(LoopState& loop);

  const std::shared_ptr<pool::Reservation> threads_;
  const unsigned max_workers_;
  unsigned busy_ = 0;
  std::atomic<bool> shut_down_ = false;
  PoolWork* first_ = nullptr;
  PoolWork* last_ = nullptr;
  std::atomic<LoopState*> user_ = nullptr;  // the loop that has work here; only it sees the rest
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
