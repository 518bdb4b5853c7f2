#pragma once

#include <cstddef>
#include <exception>

#include "aio/coro.hpp"
#include "aio/detail/loop_bound.hpp"
#include "aio/detail/operation.hpp"
#include "aio/detail/wait_list.hpp"
#include "aio/error.hpp"

namespace aio {

/// A wait at a barrier that was reset or aborted.
class BrokenBarrierError : public RuntimeError {
 public:
  using RuntimeError::RuntimeError;
};

class Barrier;

namespace detail {

/// Waits at a barrier.
class BarrierAwaiter final : public WaitNode {
 public:
  const char* word() const noexcept override { return "barrier"; }

  explicit BarrierAwaiter(Barrier& barrier) : barrier_(&barrier) {}
  ~BarrierAwaiter();

  std::size_t await_resume();
  bool cancel(const CancelledError& request) override;
  void let_pass(std::size_t index) { index_ = index; }
  void break_off() { broken_ = true; }
  void move_to(WaitList& list);

 private:
  bool start(TaskCore& task) override;

  Barrier* barrier_;
  std::size_t index_ = 0;
  bool broken_ = false;
};

}  // namespace detail

/// Where a number of tasks wait until all of them have come; then it is ready for the next round.
///
/// It belongs to the loop whose tasks first wait at it, until that loop is closed; another loop's
/// tasks get RuntimeError. It may be destroyed while tasks wait at it: they wait until they are
/// cancelled. Only the loop's thread may use it.
class Barrier {
 public:
  /// For `parties` tasks. Throws ValueError if that is less than 1.
  explicit Barrier(std::ptrdiff_t parties);
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  /// Waits until `parties` tasks wait, and gives each its number of 0 … parties - 1, in the order
  /// of coming. The last one to come goes on at once; a task that comes before all others have gone
  /// on waits for the next round. Throws BrokenBarrierError if the barrier is reset or aborted
  /// meanwhile, or is aborted already. A cancelled wait no longer counts.
  detail::Operation<Barrier, detail::BarrierAwaiter> wait() {
    return detail::Operation<Barrier, detail::BarrierAwaiter>(*this);
  }

  /// Makes it as good as new; tasks that wait for a round to be full, or have not gone on yet, get
  /// BrokenBarrierError.
  Coro<void> reset();
  /// Makes it broken until it is reset: tasks that wait, or will, get BrokenBarrierError.
  Coro<void> abort();

  std::size_t parties() const { return parties_; }
  /// How many wait for the round to be full; 0 while the tasks of a full one go on.
  std::size_t n_waiting() const { return state_ == State::filling ? count_ : 0; }
  /// Whether it was aborted, and not reset since.
  bool broken() const { return state_ == State::broken; }

  /// For `aio::with`: waits.
  Coro<std::size_t> enter();
  Coro<void> exit(std::exception_ptr exception);

 private:
  friend class detail::BarrierAwaiter;

  enum class State : unsigned char { filling, draining, resetting, broken };

  void let_pass() noexcept;
  void break_off(detail::WaitList& list) noexcept;
  void on_left() noexcept;
  void admit_blocked() noexcept;

  detail::WaitList waiters_;  // of this round
  detail::WaitList blocked_;  // of the next ones
  detail::LoopBound bound_{"Barrier"};
  std::size_t parties_;
  std::size_t count_ = 0;  // of those that wait, while it is filling
  State state_ = State::filling;
};

}  // namespace aio
