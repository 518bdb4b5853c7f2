#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>

#include "aio/detail/future_state.hpp"
#include "aio/error.hpp"
#include "aio/task.hpp"
#include "aio/time.hpp"

namespace aio::detail {

/// What a ConcurrentFuture's handles and its loop share: how far the task is, under a lock, for any
/// thread; and the task, which only the loop's thread touches.
class ConcurrentBase : public RefCounted, private DoneNode {
 public:
  explicit ConcurrentBase(LoopState& loop) : loop_(loop) {}

  LoopState& loop() const { return *loop_; }

  // --- For any thread.

  bool done() const;
  bool cancelled() const;
  bool cancel();
  /// Whether it is done in the end; without a timeout waits for as long as it takes. Throws
  /// RuntimeError on the loop's own thread if it is not done.
  bool wait(std::optional<Duration> timeout);
  void require_done_within(Duration timeout);
  /// Its exception; throws if it was cancelled. Only when done.
  std::exception_ptr exception() const;
  void throw_if_failed() const;

  // --- For the loop's thread.

  void fail(std::exception_ptr exception) noexcept;

 protected:
  enum class Status : unsigned char { pending, finished, failed, cancelled };

  /// Does to this whatever is done to `task`, until it ends.
  void follow_task(Ref<FutureBase> task);
  /// Takes the result out of the task, which has one; may throw.
  virtual void take_result(FutureBase& task) = 0;

 private:
  void on_done() noexcept override;
  void on_abandoned() noexcept override {}  // cannot be: the task is held until it is done
  void finish() noexcept;
  void finish_cancelled(const CancelledError& error) noexcept;
  void take_outcome(FutureBase& task) noexcept;
  void cancel_task();

  const Ref<LoopState> loop_;
  Ref<FutureBase> task_;  // the loop's thread's

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Status status_ = Status::pending;
  CancelledError cancelled_error_;
  std::exception_ptr exception_;
};

/// The same with room for the result.
template <class T>
class ConcurrentState final : public ConcurrentBase {
 public:
  using ConcurrentBase::ConcurrentBase;

  void follow(Ref<TaskState<T>> task) { follow_task(Ref<FutureBase>(std::move(task))); }

  /// Only when done, as all that follows.
  decltype(auto) value() const {
    throw_if_failed();
    if constexpr (!std::is_void_v<T>) return std::as_const(*value_);
  }
  T take_value() {
    throw_if_failed();
    if constexpr (std::is_void_v<T>) {
      return;
    } else if constexpr (is_copyable<T>) {
      return is_unique() ? std::move(*value_) : T(*value_);
    } else {
      return std::move(*value_);
    }
  }

 private:
  void take_result(FutureBase& task) override {
    value_.emplace(static_cast<FutureState<T>&>(task).share_value());
  }

  std::optional<ValueOf<T>> value_;
};

}  // namespace aio::detail
