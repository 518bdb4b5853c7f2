#include "aio/timeout.hpp"

#include <array>
#include <string>

#include "aio/wait.hpp"

namespace aio {

namespace detail {

namespace {

[[noreturn]] void throw_timeout_error_nesting_current() {
  std::throw_with_nested(TimeoutError("timed out"));
}

/// Whether `future`, which is done, ended with a CancelledError. A gather that is cancelled fails
/// with one, and is not cancelled().
bool ended_cancelled(const AnyFuture& future) {
  try {
    future.state()->throw_if_failed();
  } catch (const CancelledError&) {
    return true;
  } catch (...) {
  }
  return false;
}

void throw_timeout_error_if_cancelled(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const CancelledError&) {
    throw_timeout_error_nesting_current();
  } catch (...) {
  }
}

}  // namespace

Coro<void> wait_in_scope(AnyFuture future, Coro<void> wait, TimeLimit limit) {
  const auto body = [&wait] { return std::move(wait); };
  try {
    co_await with(timeout(limit), body);
  } catch (const TimeoutError&) {
    if (ended_cancelled(future)) throw;
  }
}

Coro<void> cancel_and_wait(AnyFuture future) {
  future.cancel();
  std::vector<AnyFuture> futures(1, future);
  static_cast<void>(co_await aio::wait(std::move(futures)));
  try {
    future.state()->throw_if_failed();
  } catch (const CancelledError&) {
    throw_timeout_error_nesting_current();
  } catch (...) {
  }
}

}  // namespace detail

Timeout::Timeout(Timeout&& other) noexcept : when_(other.when_) {
  detail::require(other.state_ == State::created, "a Timeout was moved after it was entered");
  other.state_ = State::finished;
}

void Timeout::reschedule(std::optional<TimePoint> when) {
  require_active();
  disarm();
  when_ = when;
  arm();
}

void Timeout::require_active() const {
  static constexpr std::array<const char*, 5> names{"created", "active", "expiring", "expired",
                                                    "finished"};
  if (state_ == State::active) return;
  if (state_ == State::created) throw RuntimeError("Timeout has not been entered");
  const std::string name = names.at(static_cast<std::size_t>(state_));
  throw RuntimeError("Cannot change state of " + name + " Timeout");
}

Coro<void> Timeout::enter() {
  if (state_ != State::created) throw RuntimeError("Timeout has already been entered");
  task_ = detail::require_running_loop().current_task;
  task_is_kept_ = detail::Ref<detail::FutureBase>(task_->future());
  cancelling_ = task_->settled_cancels();
  state_ = State::active;
  arm();
  co_return;
}

Coro<void> Timeout::exit(std::exception_ptr exception) {
  if (state_ != State::expiring) {
    require_active();
    state_ = State::finished;
    leave_task();
    co_return;
  }
  state_ = State::expired;
  const bool no_other_cancel = task_->end_own_cancel(cancelling_);
  leave_task();
  if (no_other_cancel && exception) detail::throw_timeout_error_if_cancelled(exception);
}

void Timeout::arm() {
  if (!when_) return;
  detail::LoopState& loop = task_->loop();
  if (*when_ <= loop.now()) {
    make_ready();
  } else {
    loop.timers.arm(*this, *when_);
  }
}

void Timeout::disarm() noexcept {
  task_->loop().timers.disarm(*this);
  if (ready_place_) detail::ReadyQueue::remove(std::exchange(ready_place_, nullptr));
  postponed_for_ = nullptr;
}

// The deadline has passed, but what was ready before gets its turn first: a task that is about to
// leave the scope leaves it in time.
void Timeout::make_ready() noexcept { ready_place_ = task_->loop().make_ready(*this); }

void Timeout::run() noexcept {
  ready_place_ = nullptr;
  const Timeout* const other = task_->expired_timeout();
  if (other && *other->when_ < *when_ && other != postponed_for_) {
    postponed_for_ = other;
    make_ready();
    return;
  }
  task_->request_cancel(CancelledError({}, "timeout", task_->loop().now()));
  state_ = State::expiring;
  if (!other) task_->set_expired_timeout(this);
}

void Timeout::leave_task() noexcept {
  if (!task_) return;
  disarm();
  if (task_->expired_timeout() == this) task_->set_expired_timeout(nullptr);
  task_ = nullptr;
  task_is_kept_ = nullptr;
}

Timeout timeout(detail::TimeLimit delay) {
  const detail::LoopState& loop = detail::require_running_loop();
  if (!delay.delay()) return Timeout(std::nullopt);
  return Timeout(saturating_add(loop.now(), *delay.delay()));
}

Timeout timeout_at(std::optional<TimePoint> when) { return Timeout(when); }

}  // namespace aio
