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

/// One call on its way to a thread of the pool and back. A worker takes it from the queue when its
/// turn comes, or it is sent in a batch with others. The queue owns a reference, then the worker;
/// each batch that the call was in owns one too. `begin` and `call` run on a pool thread and touch
/// nothing but the call itself; everything else happens on the loop's thread.
class ThreadWork : public PoolWork {
 public:
  ThreadWork(LoopState& loop, bool takes_stop_token)
      : PoolWork(loop), stop_(takes_stop_token ? std::stop_source() : no_stop_source()) {}

  void cancel() noexcept override;
  bool is_withdrawn() const noexcept { return holder_ == withdrawn; }

  // The holder, which alone may begin the call: the worker that takes it from the queue; nobody
  // once it was begun or withdrawn; or the batch with this number.
  static constexpr std::uint64_t queued = 0;
  static constexpr std::uint64_t begun = 1;
  static constexpr std::uint64_t withdrawn = 2;
  static constexpr std::uint64_t first_batch_number = 3;

  /// Begins the call for this holder, on a pool thread. Returns false if it has another holder by
  /// now; after true the call can neither be begun again nor be withdrawn.
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
  PoolQueue* queue_ = nullptr;  // lives for as long as it has calls
  WorkBatch* batch_ = nullptr;  // the batch in which it travels, if any
  TimePoint queued_at_{};
  int priority_ = 0;
  bool is_small_ = false;
};

}  // namespace aio::detail
