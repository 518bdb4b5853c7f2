#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>

#include "aio/detail/pool_future.hpp"
#include "aio/detail/pool_queue.hpp"
#include "aio/detail/thread_work.hpp"
#include "aio/future.hpp"
#include "aio/pool_options.hpp"
#include "aio/pool_threads.hpp"
#include "aio/task.hpp"

namespace aio {

/// Runs functions on libuv's thread pool, at most `max_workers` of them at a time, the others in
/// the order of their priority and their coming (see PoolOptions). A worker that has made a call
/// takes the next that waits by itself, without the loop, for about a millisecond; then it lets
/// others have its thread. A handle: copies refer to the same executor.
///
/// libuv's pool is one for the whole process and its size is fixed when it is first used. Executors
/// therefore share it out: each reserves its workers, and one thread is always left for what libuv
/// itself does there (files, DNS). The size is UV_THREADPOOL_SIZE where that is set; else it is
/// chosen when the pool is first used, large enough for every executor that was made by then and
/// for a default one; or, once `reserve_pool_threads` was called, for all that was reserved. An
/// executor that wants more than is left throws RuntimeError, and never runs
/// fewer silently.
///
/// One loop at a time may use an executor, on that loop's thread.
class ThreadPoolExecutor {
 public:
  /// `max_workers` from 1 to 1023. Throws ValueError outside, RuntimeError if the pool cannot give
  /// so many.
  explicit ThreadPoolExecutor(unsigned max_workers);
  /// With a worker for each of these threads, which were reserved before. Executors that are made
  /// of the same threads share them: work of one may wait for another's.
  explicit ThreadPoolExecutor(const PoolThreads& threads);

  /// Accepts no more work; submitted work goes on. Done too when the last handle is dropped.
  void shutdown() const;

  unsigned max_workers() const;

  /// The counts of the calls that it has made and is making; in constant time.
  PoolStatistics statistics() const;

  /// Resumes when nothing is queued or running any more.
  Coro<void> join() const;

  /// The executor that a loop makes for itself: min(32, CPUs + 4) workers, or as many as the pool
  /// had left. The default executors of all loops share the same threads, so work of one may wait
  /// for another's.
  static ThreadPoolExecutor make_default();

  /// The shared state, for the loop.
  detail::PoolQueue& queue() const { return *queue_; }

 private:
  explicit ThreadPoolExecutor(detail::Ref<detail::PoolQueue> queue);

  std::shared_ptr<detail::PoolQueueOwner> owner_;
  detail::Ref<detail::PoolQueue> queue_;
};

/// Has the threads of libuv's pool step back behind all others, so that timers and I/O are punctual
/// while the pool computes: each goes to nice +10 and SCHED_BATCH, or the nearest that the system
/// lets it, when it next takes up work of a ThreadPoolExecutor. Takes no privilege. Linux;
/// elsewhere nothing.
///
/// The pool is one for the whole process and a thread cannot be brought forward again, so this is
/// the program's to decide, first thing in its `main`; a library leaves it alone. Worker processes
/// and child processes are started by the loop's thread and stay as they are; only what the
/// function on the pool starts itself inherits from its thread. Any thread may call.
void run_pool_in_background() noexcept;

namespace detail {

/// Calls `f` with a stop token first if it takes one, as std::jthread does.
template <class F, class... Args>
decltype(auto) invoke_stoppable(const std::stop_token& stop, F& f, Args&... args) {
  if constexpr (std::is_invocable_v<F, std::stop_token, Args...>) {
    return std::invoke(std::move(f), stop, std::move(args)...);
  } else {
    return std::invoke(std::move(f), std::move(args)...);
  }
}

template <class F, class... Args>
struct PoolCall : std::invoke_result<F, Args...> {};
template <class F, class... Args>
  requires std::is_invocable_v<F, std::stop_token, Args...>
struct PoolCall<F, Args...> : std::invoke_result<F, std::stop_token, Args...> {};

/// The type of the result of calling `f` on the pool.
template <class F, class... Args>
using PoolResult = std::decay_t<typename PoolCall<std::decay_t<F>, std::decay_t<Args>...>::type>;

/// A function that may run on the pool: callable with the arguments, a stop token before them or
/// not, and no coroutine function, whose coroutine nobody would await.
template <class F, class... Args>
concept PoolFunction =
    (std::invocable<std::decay_t<F>, std::stop_token, std::decay_t<Args>...> ||
     std::invocable<std::decay_t<F>, std::decay_t<Args>...>)&&!IsCoro<PoolResult<F, Args...>>;

/// A function that is refused by name: a coroutine belongs on the loop, and on a pool nobody would
/// await it.
template <class F, class... Args>
concept CoroutineFunction =
    (std::invocable<std::decay_t<F>, std::stop_token, std::decay_t<Args>...> ||
     std::invocable<std::decay_t<F>, std::decay_t<Args>...>)&&IsCoro<PoolResult<F, Args...>>;
class AwaitTheCoroutineOnTheLoopInstead;

/// A call with its function, its arguments and its outcome.
template <class T, class Bound, bool takes_stop_token>
class BoundThreadWork final : public ThreadWork {
 public:
  BoundThreadWork(Bound bound, Ref<PoolFuture<T>> future)
      : ThreadWork(future->loop(), takes_stop_token),
        bound_(std::move(bound)),
        future_(std::move(future)) {}

  void abandon() noexcept override {
    bound_.reset();
    if (const Ref<PoolFuture<T>> future = std::exchange(future_, nullptr)) future->forget();
  }

 private:
  void call(const std::stop_token& stop) noexcept override {
    try {
      if constexpr (std::is_void_v<T>) {
        (*bound_)(stop);
        outcome_.template emplace<1>();
      } else {
        outcome_.template emplace<1>((*bound_)(stop));
      }
    } catch (...) {
      outcome_.template emplace<2>(std::current_exception());
    }
  }

  void deliver() noexcept override {
    const Ref<PoolFuture<T>> future = std::move(future_);
    bound_.reset();
    if (!future) return;
    future->forget();
    if (future->finish_if_cancelled()) return;
    try {
      switch (outcome_.index()) {
        case 0: future->cancel(CancelledError("its loop was closed")); break;
        case 1: future->set_value(std::move(std::get<1>(outcome_))); break;
        default: future->set_exception(std::get<2>(outcome_));
      }
    } catch (...) {
      future->set_exception(std::current_exception());  // moving the result threw
    }
  }

  std::optional<Bound> bound_;
  std::variant<std::monostate, ValueOf<T>, std::exception_ptr> outcome_;  // 0: never ran
  Ref<PoolFuture<T>> future_;
};

/// Submits `f(args…)` to `queue` for `loop`.
template <class F, class... Args>
auto submit(LoopState& loop, PoolQueue& queue, PoolOptions options, F&& f, Args&&... args) {
  using T = PoolResult<F, Args...>;
  auto bound = [f = std::decay_t<F>(std::forward<F>(f)),
                ... args = std::decay_t<Args>(std::forward<Args>(args))](
                   const std::stop_token& stop) mutable -> T {
    return invoke_stoppable(stop, f, args...);
  };
  constexpr bool takes_stop_token =
      std::is_invocable_v<std::decay_t<F>, std::stop_token, std::decay_t<Args>...>;
  using Work = BoundThreadWork<T, decltype(bound), takes_stop_token>;
  auto future = make_ref<PoolFuture<T>>(loop, options.on_cancel(), 2U);  // the second is the work's
  Ref<ThreadWork> work = make_ref<Work>(std::move(bound), Ref<PoolFuture<T>>::adopt(future.get()));
  future->follow(*work);
  try {
    queue.submit(work, options);
  } catch (...) {
    work->abandon();
    throw;
  }
  return Future<T>(Ref<FutureState<T>>(std::move(future)));
}

}  // namespace detail
}  // namespace aio
