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
class WorkBatch;
namespace pool {
class Reservation;
}

/// One function's way to a pool thread and back, alone or in a batch with others. The queue, then
/// every batch that it was in, own one reference each. `call` runs on a pool thread and touches
/// nothing but the work itself; all else happens on the loop's thread.
class ThreadWork : public PoolWork {
 public:
  ThreadWork(LoopState& loop, bool takes_stop_token)
      : PoolWork(loop), stop_(takes_stop_token ? std::stop_source() : no_stop_source()) {}

  void cancel() noexcept override;
  bool is_withdrawn() const noexcept { return holder_ == withdrawn; }

  /// On a pool thread: whether the batch of that number may call the function, which then nobody
  /// else may, nor withdraw it any more.
  bool begin(std::uint64_t batch_number) noexcept {
    return holder_.compare_exchange_strong(batch_number, begun);
  }
  void call() noexcept { call(stop_.get_token()); }

  ThreadWork* next_in_queue = nullptr;

 protected:
  virtual void call(const std::stop_token& stop) noexcept = 0;

 private:
  friend class PoolQueue;
  friend class WorkBatch;
  static std::stop_source no_stop_source() noexcept { return std::stop_source(std::nostopstate); }

  // Who may begin it: nobody yet, nobody any more, or the batch with the number.
  static constexpr std::uint64_t queued = 0;
  static constexpr std::uint64_t begun = 1;
  static constexpr std::uint64_t withdrawn = 2;
  static constexpr std::uint64_t first_batch_number = 3;

  std::atomic<std::uint64_t> holder_ = queued;
  std::stop_source stop_;
  PoolQueue* queue_ = nullptr;  // lives while it has work
  WorkBatch* batch_ = nullptr;  // in which it travels
  TimePoint queued_at_{};
  int priority_ = 0;
  bool is_small_ = false;
};

/// What an executor's handles share: the work that waits for a worker, and the batches in which the
/// rest travels, each with a worker of its own. It is a Runnable to hand the loop what has come
/// back: all of a crossing in one step.
class PoolQueue final : public RefCounted, private Runnable {
 public:
  /// As many workers as `threads` of libuv's pool.
  explicit PoolQueue(std::shared_ptr<pool::Reservation> threads);
  ~PoolQueue() override;

  /// Takes `work`, or throws and leaves it.
  void submit(Ref<ThreadWork>& work, PoolOptions options);
  void shut_down() noexcept { shut_down_ = true; }
  bool is_shut_down() const { return shut_down_; }
  unsigned max_workers() const { return max_workers_; }
  PoolStatistics statistics() const;

  /// A future that is done when nothing is queued or running any more; each caller has one of its
  /// own and may cancel it. Throws RuntimeError if another loop has work here.
  Future<void> when_idle(LoopState& loop);

  /// Cancels all work that waits or runs.
  void cancel_all() noexcept;
  /// `work` will not start.
  void on_withdrawn(const ThreadWork& work);
  /// A worker is free again: libuv has given back `batch`.
  void on_returned(WorkBatch& batch);

  /// Gives what waits to workers that are free.
  void start_waiting();
  /// Sees to calls that were sent with others and are held up: takes the results that are there,
  /// and finds other workers for what waits behind a slow call. Whether it has to look again.
  bool look_after_batches();

 private:
  void run() noexcept override;
  void discard() noexcept override { run(); }

  bool has_free_worker() const { return travelling_.size() < max_workers_; }
  void begin_use(LoopState& loop);
  void end_use();
  void start_first();
  void fill(WorkBatch& batch);
  void take(WorkBatch& batch, std::size_t end);
  void take_back(WorkBatch& batch, std::size_t count);
  void take_back_less_urgent();
  void take_back_more_urgent();

  const std::shared_ptr<pool::Reservation> threads_;
  const unsigned max_workers_;
  std::atomic<bool> shut_down_ = false;
  std::atomic<LoopState*> user_ = nullptr;  // the loop that has work here; only it sees the rest
  WorkQueue<ThreadWork> waiting_;
  std::vector<std::unique_ptr<WorkBatch>> travelling_;
  std::vector<std::unique_ptr<WorkBatch>> spare_;
  std::size_t shared_batches_ = 0;  // of those that travel: of more than one call
  std::uint64_t next_number_ = ThreadWork::first_batch_number;
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
