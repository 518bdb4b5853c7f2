#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include "aio/detail/pool_future.hpp"
#include "aio/detail/work_queue.hpp"
#include "aio/future.hpp"

namespace aio::detail {

class PoolQueue;
class PoolWorker;
class SmallCalls;
class WorkBatch;
class WorkExchange;
namespace pool {
class Reservation;
}

/// One function's way to a pool thread and back: taken by a worker when its turn comes, or sent in
/// a batch with others. The queue, then the worker or every batch that it was in, own one reference
/// each. `begin` and `call` run on a pool thread and touch nothing but the work itself; all else
/// happens on the loop's thread.
class ThreadWork : public PoolWork {
 public:
  ThreadWork(LoopState& loop, bool takes_stop_token)
      : PoolWork(loop), stop_(takes_stop_token ? std::stop_source() : no_stop_source()) {}

  void cancel() noexcept override;
  bool is_withdrawn() const noexcept { return holder_ == withdrawn; }

  // Who may begin it: whoever takes it from the queue, nobody any more, or the batch with the
  // number.
  static constexpr std::uint64_t queued = 0;
  static constexpr std::uint64_t begun = 1;
  static constexpr std::uint64_t withdrawn = 2;
  static constexpr std::uint64_t first_batch_number = 3;

  /// On a pool thread: whether it may call the function for this holder. Then nobody else may, nor
  /// withdraw it any more.
  bool begin(std::uint64_t holder) noexcept {
    return holder_.compare_exchange_strong(holder, begun);
  }
  void call() noexcept { call(stop_.get_token()); }

  ThreadWork* next_in_queue = nullptr;

 protected:
  virtual void call(const std::stop_token& stop) noexcept = 0;

 private:
  friend class PoolQueue;
  friend class SmallCalls;
  friend class WorkBatch;
  friend class WorkExchange;
  static std::stop_source no_stop_source() noexcept { return std::stop_source(std::nostopstate); }

  std::atomic<std::uint64_t> holder_ = queued;
  std::stop_source stop_;
  PoolQueue* queue_ = nullptr;  // lives while it has work
  WorkBatch* batch_ = nullptr;  // in which it travels
  TimePoint queued_at_{};
  int priority_ = 0;
  bool is_small_ = false;
};

/// What an executor's handles share: the work that waits for a worker, and the workers that are at
/// the rest. It is a Runnable to hand the loop what has come back: all that is there in one step.
class PoolQueue final : public RefCounted, private Runnable {
 public:
  /// As many workers as `threads` of libuv's pool.
  explicit PoolQueue(std::shared_ptr<pool::Reservation> threads);
  ~PoolQueue() override;

  /// Takes `work`, or throws and leaves it.
  void submit(Ref<ThreadWork>& work, PoolOptions options);
  void shut_down() noexcept { shut_down_ = true; }
  unsigned max_workers() const { return max_workers_; }
  PoolStatistics statistics() const;

  /// A future that is done when nothing is queued or running any more; each caller has one of its
  /// own and may cancel it. Throws RuntimeError if another loop has work here.
  Future<void> when_idle(LoopState& loop);

  /// How long a worker keeps its thread when calls wait, if none takes longer. Others want libuv's
  /// pool too; to come back and be sent again costs some hundredths of this. Only tests set it: a
  /// worker that stays lets them say which call comes next.
  void set_worker_turn(Duration turn) noexcept { worker_turn_ = turn; }

  /// Cancels all work that waits or runs.
  void cancel_all() noexcept;
  /// `work` will not start.
  void on_withdrawn(const ThreadWork& work);
  /// `work` is back, begun or withdrawn: the loop is handed what has begun.
  void on_arrived(Ref<ThreadWork> work);
  /// A worker is free again: libuv has given it back.
  void on_returned(PoolWorker& worker);
  bool has_free_worker() const;

  /// Gives what waits to workers that are free.
  void start_waiting();
  /// Takes what workers have done who go on with other calls.
  void take_done();
  /// Sees to small calls that are held up; whether it has to look again.
  bool look_after_small_calls();

 private:
  void run() noexcept override;
  void discard() noexcept override { run(); }

  void begin_use(LoopState& loop);
  void end_use();
  bool is_idle() const;
  bool start_next();
  void send_worker();

  const std::shared_ptr<pool::Reservation> threads_;
  const unsigned max_workers_;
  std::atomic<bool> shut_down_ = false;
  std::atomic<LoopState*> user_ = nullptr;  // the loop that has work here; only it sees the rest
  const std::unique_ptr<WorkExchange> exchange_;
  const std::unique_ptr<SmallCalls> small_calls_;
  std::vector<std::unique_ptr<PoolWorker>> workers_;  // that are out
  std::vector<std::unique_ptr<PoolWorker>> spare_;
  Duration worker_turn_ = std::chrono::milliseconds(1);
  ThreadWork* first_arrived_ = nullptr;  // what has come back, for `run`
  ThreadWork* last_arrived_ = nullptr;
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
