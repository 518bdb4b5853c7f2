#pragma once

#include <type_traits>
#include <utility>

#include "aio/event_loop.hpp"

namespace aio {

namespace detail {

/// Ends a run: leftover tasks, then the default executor, then the loop.
class RunCleanup {
 public:
  explicit RunCleanup(EventLoop& loop) : loop_(loop) {}
  RunCleanup(const RunCleanup&) = delete;
  RunCleanup& operator=(const RunCleanup&) = delete;
  ~RunCleanup();

 private:
  EventLoop& loop_;
};

template <class A>
  requires Awaitable<std::decay_t<A>>
auto run_on(EventLoop& loop, A&& main) {
  const RunCleanup cleanup(loop);
  return loop.run_until_complete(std::forward<A>(main));
}

template <class F, class... Args>
  requires CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
auto run_on(EventLoop& loop, F&& f, Args&&... args) {
  return run_on(loop, invoke_coro<std::decay_t<F>, std::decay_t<Args>...>(
                          std::forward<F>(f), std::forward<Args>(args)...));
}

}  // namespace detail

/// Runs `main` on a fresh loop, and returns its result or throws what it failed with:
/// `run(main())`, or `run(main, args…)` with the arguments copied into the task.
///
/// Before it returns it cancels the tasks that are left and waits for them (what they fail with
/// goes to the exception handler), waits for the default executor's work, and closes the loop.
/// Throws RuntimeError where a loop runs already; `main` has not started then.
template <class... A>
auto run(A&&... main) {
  detail::require_no_running_loop("aio::run()");
  EventLoop loop;
  return detail::run_on(loop, std::forward<A>(main)...);
}

}  // namespace aio
