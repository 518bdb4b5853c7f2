#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "aio/context.hpp"
#include "aio/event_loop.hpp"

namespace aio {

/// Makes the loop that a Runner runs on.
using LoopFactory = std::function<std::unique_ptr<EventLoop>()>;

/// The options of a Runner: `Runner(RunnerOptions().debug())`.
class RunnerOptions {
 public:
  RunnerOptions() {}

  /// Switches the loop's debug mode on, or off; if this is not said, the loop has it as it was
  /// made.
  RunnerOptions debug(bool enabled = true) && {
    debug_ = enabled;
    return std::move(*this);
  }
  /// The function that makes the loop, instead of `std::make_unique<EventLoop>()`.
  RunnerOptions loop_factory(LoopFactory factory) && {
    loop_factory_ = std::move(factory);
    return std::move(*this);
  }

  std::optional<bool> get_debug() const { return debug_; }
  const LoopFactory& get_loop_factory() const { return loop_factory_; }

 private:
  std::optional<bool> debug_;
  LoopFactory loop_factory_;
};

/// Runs one main after the other on one loop, in one context, and ends the loop properly: what
/// `aio::run` is for a single main.
///
/// **SIGINT** while a main runs cancels it, and wakes the loop for that if it waits. If main then
/// ends as cancelled, `run` throws Interrupted; if it catches the cancellation and returns, `run`
/// returns. A second SIGINT ends the program at once, as an unhandled one does: in Python it raises
/// in whatever code is running, which a C++ signal handler cannot. All this holds only on the
/// program's main thread, and where nobody else has changed what SIGINT does: not after
/// `signal(SIGINT, …)`, nor for a loop with a handler of its own (`add_signal_handler`).
///
/// Only the thread that made it may use it.
class Runner {
 public:
  explicit Runner(RunnerOptions options = {});
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  /// Closes.
  ~Runner();

  /// Runs `main`, a coroutine or another awaitable, until it is done, and returns its result or
  /// throws what it failed with. It runs in `context`, or in the Runner's own, which is a copy of
  /// the context in which its loop was made and keeps what one run sets for the next. Throws
  /// RuntimeError if the Runner is closed, or where a loop runs; `main` has not started then.
  /// Throws Interrupted if a SIGINT ended it.
  template <class A>
    requires detail::Awaitable<std::decay_t<A>>
  auto run(A&& main, const std::optional<Context>& context = std::nullopt);

  /// The same for a coroutine function and its arguments, which are copied into the task.
  template <class F, class... Args>
    requires detail::CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
  auto run(F&& f, Args&&... args);

  /// The loop, which is made when it is first needed. Throws RuntimeError if the Runner is closed.
  EventLoop& get_loop();

  /// Cancels the tasks that are left and waits for them (what they fail with goes to the exception
  /// handler), waits for the default executor's work, and closes the loop. Does nothing where no
  /// loop was made, or the second time. Throws RuntimeError while it runs.
  void close();

 private:
  void run_until_done(const AnyFuture& main);

  RunnerOptions options_;
  std::unique_ptr<EventLoop> loop_;
  std::optional<Context> context_;
  bool closed_ = false;
};

template <class A>
  requires detail::Awaitable<std::decay_t<A>>
auto Runner::run(A&& main, const std::optional<Context>& context) {
  detail::require_no_running_loop("Runner::run()");
  EventLoop& loop = get_loop();
  TaskOptions options = TaskOptions().context(context ? *context : *context_);
  auto future =
      detail::ensure_future(loop.state(), std::forward<A>(main), std::source_location(), &options);
  run_until_done(future);
  return detail::take_result(std::move(future));
}

template <class F, class... Args>
  requires detail::CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
auto Runner::run(F&& f, Args&&... args) {
  return run(detail::invoke_coro<std::decay_t<F>, std::decay_t<Args>...>(
      std::forward<F>(f), std::forward<Args>(args)...));
}

}  // namespace aio
