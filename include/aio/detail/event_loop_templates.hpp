#pragma once

#include <functional>
#include <source_location>
#include <type_traits>
#include <utility>

#include "aio/event_loop.hpp"

// The member templates of EventLoop. It is a part of event_loop.hpp, which includes it at its
// end.

namespace aio {

namespace detail {

/// The result of a future that is done: moved out if no other handle is left.
template <class F>
auto take_result(F future) {
  using T = typename F::value_type;
  if constexpr (std::is_void_v<T>) {
    future.result();
  } else {
    Ref<FutureState<T>> result(future.typed());
    future = {};
    return result->take_value();
  }
}

}  // namespace detail

template <class A>
  requires detail::Awaitable<std::decay_t<A>>
auto EventLoop::run_until_complete(A&& awaitable) {
  require_can_run();
  auto future = detail::ensure_future(state(), std::forward<A>(awaitable));
  run_until_done(*future.state());
  return detail::take_result(std::move(future));
}

template <class F, class... Args>
  requires detail::CallbackFunction<F, Args...>
Handle EventLoop::call_soon(F&& f, Args&&... args) {
  state().require_open();
  auto callback = detail::make_callback<detail::Callback>(
      detail::bind_once(std::forward<F>(f), std::forward<Args>(args)...), state());
  schedule(callback);
  return Handle(std::move(callback));
}

template <class F, class... Args>
  requires detail::CallbackFunction<F, Args...>
Handle EventLoop::call_soon_threadsafe(F&& f, Args&&... args) {
  auto callback = detail::make_callback<detail::ThreadSafeCallback>(
      detail::bind_once(std::forward<F>(f), std::forward<Args>(args)...), state());
  schedule_threadsafe(detail::Ref<detail::Callback>(callback));
  return Handle(std::move(callback));
}

template <class Rep, class Period, class F, class... Args>
  requires detail::CallbackFunction<F, Args...>
TimerHandle EventLoop::call_later(std::chrono::duration<Rep, Period> delay, F&& f, Args&&... args) {
  const TimePoint when = saturating_add(time(), to_duration(delay));
  return call_at(when, std::forward<F>(f), std::forward<Args>(args)...);
}

template <class F, class... Args>
  requires detail::CallbackFunction<F, Args...>
TimerHandle EventLoop::call_at(TimePoint when, F&& f, Args&&... args) {
  state().require_open();
  auto callback = detail::make_callback<detail::TimerCallback>(
      detail::bind_once(std::forward<F>(f), std::forward<Args>(args)...), state(), when);
  schedule_at(*callback);
  return TimerHandle(std::move(callback), when);
}

template <class T>
Future<T> EventLoop::create_future() {
  return Future<T>(detail::make_ref<detail::PlainFuture<T>>(state()));
}

template <class A>
  requires(!std::is_lvalue_reference_v<A> && detail::Awaitable<A> && !detail::IsFuture<A>)
auto EventLoop::create_task(A&& awaitable, std::source_location made_at) {
  hold_owner();
  return detail::ensure_future(state(), std::forward<A>(awaitable), made_at);
}

template <class A>
  requires(!std::is_lvalue_reference_v<A> && detail::Awaitable<A> && !detail::IsFuture<A>)
auto EventLoop::create_task(A&& awaitable, TaskOptions options, std::source_location made_at) {
  hold_owner();
  return detail::ensure_future(state(), std::forward<A>(awaitable), made_at, &options);
}

template <class F, class... Args>
  requires detail::CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
auto EventLoop::create_task(F&& f, Args&&... args) {
  return create_task(detail::invoke_coro<std::decay_t<F>, std::decay_t<Args>...>(
                         std::forward<F>(f), std::forward<Args>(args)...),
                     std::source_location());
}

template <class F, class... Args>
  requires detail::CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
auto EventLoop::create_task(TaskOptions options, F&& f, Args&&... args) {
  return create_task(detail::invoke_coro<std::decay_t<F>, std::decay_t<Args>...>(
                         std::forward<F>(f), std::forward<Args>(args)...),
                     std::move(options), std::source_location());
}

template <class F, class... Args>
  requires detail::PoolFunction<F, Args...>
auto EventLoop::run_in_executor(const ThreadPoolExecutor& executor, F&& f, Args&&... args) {
  return run_in_executor(executor, PoolOptions(), std::forward<F>(f), std::forward<Args>(args)...);
}

template <class F, class... Args>
  requires detail::PoolFunction<F, Args...>
auto EventLoop::run_in_executor(const ThreadPoolExecutor& executor, PoolOptions options, F&& f,
                                Args&&... args) {
  state().require_open();
  return detail::submit(state(), executor.queue(), options, std::forward<F>(f),
                        std::forward<Args>(args)...);
}

template <class F, class... Args>
  requires detail::PoolFunction<F, Args...>
auto EventLoop::run_in_executor(std::nullptr_t, F&& f, Args&&... args) {
  return run_in_executor(nullptr, PoolOptions(), std::forward<F>(f), std::forward<Args>(args)...);
}

template <class F, class... Args>
  requires detail::PoolFunction<F, Args...>
auto EventLoop::run_in_executor(std::nullptr_t, PoolOptions options, F&& f, Args&&... args) {
  state().require_open();
  return detail::submit(state(), default_queue(), options, std::forward<F>(f),
                        std::forward<Args>(args)...);
}

namespace detail {

/// `f(args…)` as something that can be called many times.
template <class F, class... Args>
std::function<void()> bind_many(F&& f, Args&&... args) {
  return [f = std::decay_t<F>(std::forward<F>(f)),
          ... args = std::decay_t<Args>(std::forward<Args>(args))]() mutable {
    static_cast<void>(std::invoke(f, args...));
  };
}

}  // namespace detail

template <class F, class... Args>
  requires detail::RepeatedFunction<F, Args...>
Handle EventLoop::add_signal_handler(int signal, F&& f, Args&&... args) {
  return set_signal_handler(signal,
                            detail::bind_many(std::forward<F>(f), std::forward<Args>(args)...));
}

template <class F, class... Args>
  requires detail::RepeatedFunction<F, Args...>
void EventLoop::add_reader(int fd, F&& f, Args&&... args) {
  set_reader(fd, detail::bind_many(std::forward<F>(f), std::forward<Args>(args)...));
}

template <class F, class... Args>
  requires detail::RepeatedFunction<F, Args...>
void EventLoop::add_writer(int fd, F&& f, Args&&... args) {
  set_writer(fd, detail::bind_many(std::forward<F>(f), std::forward<Args>(args)...));
}

}  // namespace aio
