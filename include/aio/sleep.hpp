#pragma once

#include <chrono>
#include <concepts>
#include <coroutine>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include "aio/coro.hpp"
#include "aio/detail/task_core.hpp"
#include "aio/detail/yield.hpp"
#include "aio/time.hpp"

namespace aio {

namespace detail {

/// Waits in the loop's timer heap, inside the coroutine's frame. It is kept small: there may be a
/// million.
class SleepAwaiter : public Waiter, public TimedTask {
 public:
  explicit SleepAwaiter(Duration delay) : TimedTask(delay) {}
  SleepAwaiter(const SleepAwaiter&) = delete;
  SleepAwaiter& operator=(const SleepAwaiter&) = delete;
  ~SleepAwaiter() {
    if (is_armed()) [[unlikely]] {
      task().loop().timers.disarm(*this);
    } else {
      delete request();
    }
  }

  bool await_ready() const noexcept { return false; }

  template <PromiseOfCoro P>
  void await_suspend(std::coroutine_handle<P> caller) {
    start(caller.promise().task());
  }

  void await_resume() { running_loop()->current_task->throw_if_cancelled(request()); }

  bool cancel(const CancelledError& request) override;
  const char* word() const noexcept override { return "sleep"; }

 private:
  void start(TaskCore& task);
};

template <class T>
class SleepAwaiterWith final : public SleepAwaiter {
 public:
  SleepAwaiterWith(Duration delay, T result) : SleepAwaiter(delay), result_(std::move(result)) {}
  T await_resume() {
    SleepAwaiter::await_resume();
    return std::move(result_);
  }

 private:
  T result_;
};

/// The one number that needs no unit. An int and nothing else: 0.5 would become 0.
class Zero {
 public:
  consteval Zero(std::same_as<int> auto zero) {
    if (zero != 0) throw ValueError("give the delay its unit, such as 1s; only 0 needs none");
  }
};

}  // namespace detail

/// The awaitable of `sleep`: await it, or make a task of it.
template <class T>
class [[nodiscard("a sleep does nothing until it is awaited")]] Sleep {
 public:
  Sleep(Duration delay, detail::ValueOf<T> result) : delay_(delay), result_(std::move(result)) {}

  auto operator co_await() && {
    if constexpr (std::is_void_v<T>) {
      return detail::SleepAwaiter(delay_);
    } else {
      return detail::SleepAwaiterWith<T>(delay_, std::move(result_));
    }
  }

 private:
  Duration delay_;
  [[no_unique_address]] detail::ValueOf<T> result_;
};

/// Waits for `delay` from the moment it is awaited, never less; on the loop's thread. A delay of
/// zero or less lets everything else that is ready run once. Throws ValueError for NaN. A cancelled
/// sleep leaves the loop's timers at once.
template <class Rep, class Period>
Sleep<void> sleep(const std::chrono::duration<Rep, Period>& delay) {
  return {to_duration(delay), {}};
}
inline detail::Yield sleep(detail::Zero) { return {}; }

/// The same, and gives `result`.
template <class Rep, class Period, class T>
Sleep<T> sleep(const std::chrono::duration<Rep, Period>& delay, T result) {
  return {to_duration(delay), std::move(result)};
}
template <class T>
Sleep<T> sleep(detail::Zero, T result) {
  return {Duration::zero(), std::move(result)};
}

}  // namespace aio
