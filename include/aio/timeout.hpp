#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "aio/detail/time_limit.hpp"
#include "aio/event_loop.hpp"
#include "aio/task.hpp"
#include "aio/with.hpp"

namespace aio {

/// A scope with a deadline; `timeout` and `timeout_at` make it. Enter it by `with`.
///
/// When the deadline passes, the task that is inside is cancelled, once; the scope's exit turns the
/// CancelledError into a TimeoutError that has it nested (std::rethrow_if_nested), and takes the
/// cancellation back. Whatever else leaves the body passes unchanged: a result, another exception,
/// a cancellation that others asked for. A deadline that is not in the future passes at the
/// first await that suspends, `sleep(0)` included.
///
/// Scopes nest. Where several of one task are overdue together, those with the earliest deadline
/// expire, and the later ones a turn after: what blocks the loop does not change who is told. Of
/// equal deadlines, the outermost raises the TimeoutError.
///
/// It is entered once, and may be moved before that; it must live until it is exited. Only the
/// loop's thread may use it.
class Timeout final : private detail::TimedCall, private detail::Runnable {
 public:
  explicit Timeout(std::optional<TimePoint> when) : when_(when) {}
  /// `other` counts as finished. Aborts if it was entered: the loop may know where it is.
  Timeout(Timeout&& other) noexcept;
  Timeout& operator=(Timeout&&) = delete;
  ~Timeout() { leave_task(); }

  /// The deadline; none if there is no limit.
  std::optional<TimePoint> when() const { return when_; }

  /// Sets another deadline, or none; one that is not in the future passes in the next turn. Throws
  /// RuntimeError if the scope was not entered, has expired or was exited.
  void reschedule(std::optional<TimePoint> when);

  /// Whether the deadline has passed while the scope was active; still true after the exit.
  bool expired() const { return state_ == State::expiring || state_ == State::expired; }

  /// For `with`. Throws RuntimeError if the scope was entered before.
  Coro<void> enter();
  /// For `with`. `exception` is that of the body, or null.
  Coro<void> exit(std::exception_ptr exception);

 private:
  enum class State : unsigned char { created, active, expiring, expired, finished };

  void require_active() const;
  void arm();
  void disarm() noexcept;
  void make_ready() noexcept;
  void leave_task() noexcept;

  void on_due(detail::LoopState&) noexcept override { make_ready(); }
  void run() noexcept override;
  void discard() noexcept override { ready_place_ = nullptr; }

  std::optional<TimePoint> when_;
  detail::TaskCore* task_ = nullptr;              // while it is active or expiring
  detail::Ref<detail::FutureBase> task_is_kept_;  // the same, so that it is there
  detail::Ready* ready_place_ = nullptr;          // while it has a turn coming
  unsigned cancelling_ = 0;                       // the task's settled requests when it was entered
  State state_ = State::created;
  const Timeout* postponed_for_ = nullptr;  // to be compared with, never followed
};

/// A scope that may take `delay` from now, or as long as it likes if given std::nullopt. Throws
/// ValueError for NaN, RuntimeError where no loop runs.
///
///     co_await aio::with(aio::timeout(1s), [&](aio::Timeout& scope) -> aio::Coro<void> { … });
Timeout timeout(detail::TimeLimit delay);

/// The same with a deadline on the loop's clock, or none.
Timeout timeout_at(std::optional<TimePoint> when);

namespace detail {

/// Awaits `future` by `wait`, in a scope that ends after `limit`. What the future ended with,
/// unless cancelled, is left in it, also if the timeout came together with it; else throws
/// TimeoutError.
Coro<void> wait_in_scope(AnyFuture future, Coro<void> wait, TimeLimit limit);

/// Cancels `future` and waits for its end, however long it takes. Throws TimeoutError if it ended
/// cancelled; else what it ended with is left in it. Cancelling this wait leaves the future alone.
Coro<void> cancel_and_wait(AnyFuture future);

/// Waits until it is done, and leaves its result where it is.
template <class T>
Coro<void> wait_until_done(Future<T> future) {
  static_cast<void>(co_await future);
}

template <class T>
Coro<T> wait_for_future(Future<T> future, TimeLimit limit) {
  if (!future.done()) {
    if (limit.is_up()) {
      co_await cancel_and_wait(future);
    } else {
      co_await wait_in_scope(future, wait_until_done(future), limit);
    }
  }
  if constexpr (std::is_void_v<T>) {
    future.result();
  } else {
    co_return take_result(std::move(future));
  }
}

template <class A>
Coro<AwaitResult<A>> wait_for_awaitable(A awaitable, TimeLimit limit) {
  if (limit.is_up()) {
    const auto task = ensure_future(require_running_loop(), std::move(awaitable));
    co_return co_await wait_for_future<AwaitResult<A>>(task, limit);
  }
  const auto body = [&awaitable] {
    if constexpr (IsCoro<A>) {
      return std::move(awaitable);
    } else {
      return as_coro(std::move(awaitable));
    }
  };
  co_return co_await with(timeout(limit), body);
}

}  // namespace detail

/// Awaits `awaitable` for at most `timeout`, or as long as it takes if that is std::nullopt, and
/// gives its result.
///
/// When the time is up, it is cancelled, and this waits until it has ended. If it ended cancelled,
/// TimeoutError is thrown, with the CancelledError nested (std::rethrow_if_nested); if it returned
/// a value all the same or threw something else, that is what comes of it. The result of a future
/// that was set just when the time was up counts.
///
/// A coroutine runs inside the awaiting task. With a timeout of zero or less it never starts; a
/// future that is done gives its result then, and one that is not is cancelled.
///
/// Cancelling it cancels what it awaits; `shield` keeps that going. A future is shared, anything
/// else moved in. Throws ValueError for NaN.
template <class A>
  requires detail::Awaitable<std::decay_t<A>>
auto wait_for(A&& awaitable, detail::TimeLimit timeout) {
  using Held = std::decay_t<A>;
  if constexpr (detail::IsFuture<A>) {
    return detail::wait_for_future<typename Held::value_type>(std::forward<A>(awaitable), timeout);
  } else {
    static_assert(std::is_rvalue_reference_v<A&&>, "a Coro is awaited once: pass std::move(coro)");
    return detail::wait_for_awaitable<Held>(std::move(awaitable), timeout);
  }
}

}  // namespace aio
