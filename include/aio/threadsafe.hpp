#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>

#include "aio/detail/concurrent_state.hpp"
#include "aio/event_loop.hpp"
#include "aio/task.hpp"

namespace aio {

/// The result of a coroutine that a loop runs, for other threads to wait for: Python's
/// `concurrent.futures.Future`. Made by `run_coroutine_threadsafe`.
///
/// It is a handle: copies refer to the same result. Any thread may use it, the loop's own too, but
/// there a call that would have to wait throws RuntimeError: it would wait for itself. Using an
/// empty one aborts.
template <class T = void>
class [[nodiscard]] ConcurrentFuture {
 public:
  using value_type = T;

  ConcurrentFuture() = default;
  explicit ConcurrentFuture(detail::Ref<detail::ConcurrentState<T>> state)
      : state_(std::move(state)) {}

  bool done() const { return state().done(); }
  bool cancelled() const { return state().cancelled(); }

  /// Cancels it, at once, and the task, soon. False if it is done already; true if it was cancelled
  /// before.
  bool cancel() const { return state().cancel(); }

  /// Blocks until it is done, and gives the result: a const reference from a named future, the
  /// value itself from a temporary or `std::move(future)`. Throws what the coroutine threw,
  /// CancelledError if it was cancelled, RuntimeError if its loop was closed first.
  decltype(auto) result() const& {
    state().wait({});
    return state().value();
  }
  T result() && {
    state().wait({});
    return std::exchange(*this, {}).state_->take_value();
  }

  /// The same; throws TimeoutError after `timeout`. The coroutine goes on then: `cancel` ends it.
  template <class Rep, class Period>
  decltype(auto) result(std::chrono::duration<Rep, Period> timeout) const& {
    state().require_done_within(to_duration(timeout));
    return state().value();
  }
  template <class Rep, class Period>
  T result(std::chrono::duration<Rep, Period> timeout) && {
    state().require_done_within(to_duration(timeout));
    return std::exchange(*this, {}).state_->take_value();
  }

  /// std::future's word for `result`.
  decltype(auto) get() const& { return result(); }
  T get() && { return std::move(*this).result(); }

  /// Blocks until it is done, and gives what it failed with, or null if it has a result. Throws
  /// CancelledError if it was cancelled.
  std::exception_ptr exception() const {
    state().wait({});
    return state().exception();
  }

  /// Blocks until it is done or `timeout` has passed.
  template <class Rep, class Period>
  std::future_status wait_for(std::chrono::duration<Rep, Period> timeout) const {
    return state().wait(to_duration(timeout)) ? std::future_status::ready
                                              : std::future_status::timeout;
  }
  /// Blocks until it is done.
  void wait() const { state().wait({}); }

  explicit operator bool() const { return static_cast<bool>(state_); }
  friend bool operator==(const ConcurrentFuture&, const ConcurrentFuture&) = default;

 private:
  detail::ConcurrentState<T>& state() const {
    detail::require(static_cast<bool>(state_), "an empty ConcurrentFuture was used");
    return *state_;
  }
  detail::Ref<detail::ConcurrentState<T>> state_;
};

namespace detail {

/// The loop's end of a ConcurrentFuture, before there is a task. Dropped unused, because its loop
/// was closed first, it says so.
template <class T>
class ConcurrentStart {
 public:
  explicit ConcurrentStart(Ref<ConcurrentState<T>> state) : state_(std::move(state)) {}
  ConcurrentStart(ConcurrentStart&&) noexcept = default;
  ConcurrentStart& operator=(ConcurrentStart&&) = delete;
  ~ConcurrentStart() {
    if (state_) state_->fail(std::make_exception_ptr(RuntimeError("Event loop is closed")));
  }

  /// Makes the task, unless nobody wants it any more. `make` gives its coroutine.
  template <class Make>
  void start(Make& make) {
    const Ref<ConcurrentState<T>> state = std::exchange(state_, nullptr);
    if (state->done()) return;
    try {
      state->follow(TaskState<T>::start(state->loop(), make(), {}, nullptr));
    } catch (...) {
      state->fail(std::current_exception());
      throw;  // to the loop's exception handler too
    }
  }

 private:
  Ref<ConcurrentState<T>> state_;
};

template <class T, class Make>
ConcurrentFuture<T> start_threadsafe(EventLoop& loop, Make make) {
  auto state = make_ref<ConcurrentState<T>>(loop.state());
  // What may throw when it is moved stays where it is until `start` sees to it.
  auto begin = [start = ConcurrentStart<T>(state),
                make = std::make_unique<Make>(std::move(make))]() mutable { start.start(*make); };
  static_cast<void>(loop.call_soon_threadsafe(std::move(begin)));
  return ConcurrentFuture<T>(std::move(state));
}

}  // namespace detail

/// Has `loop` run a coroutine, as a task, for a thread that is not the loop's. Throws RuntimeError
/// if the loop is closed. The coroutine starts, and ends, on the loop's thread; it never starts if
/// the future is cancelled before.
///
/// Any thread may call, while the loop is not destroyed. The coroutine's frame is made where it is
/// called; its arguments have to bear being used on the loop's thread. Dropping the future does not
/// cancel.
template <class T>
ConcurrentFuture<T> run_coroutine_threadsafe(Coro<T> coro, EventLoop& loop) {
  return detail::start_threadsafe<T>(
      loop, [coro = std::move(coro)]() mutable { return std::move(coro); });
}

/// The same for a coroutine function and its arguments, which are copied; it is called on the
/// loop's thread. A reference needs std::ref.
template <class F, class... Args>
  requires detail::CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
auto run_coroutine_threadsafe(EventLoop& loop, F&& f, Args&&... args) {
  using C = std::invoke_result_t<std::decay_t<F>&, std::unwrap_ref_decay_t<Args>...>;
  auto make = detail::bind_once(&detail::invoke_coro<std::decay_t<F>, std::decay_t<Args>...>,
                                std::forward<F>(f), std::forward<Args>(args)...);
  return detail::start_threadsafe<typename C::value_type>(loop, std::move(make));
}

}  // namespace aio
