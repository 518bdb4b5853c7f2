#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>

#include "aio/detail/pool_work.hpp"
#include "aio/time.hpp"

namespace aio::detail {

class PoolQueue;
class SmallCalls;
class WorkBatch;
class WorkExchange;

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

}  // namespace aio::detail
