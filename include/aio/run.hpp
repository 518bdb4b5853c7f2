#pragma once

#include <utility>

#include "aio/runner.hpp"

namespace aio {

/// Runs `main` on a fresh loop, and returns its result or throws its exception:
/// `run(main())`, or `run(main, args…)` with the arguments copied into the task.
///
/// Before it returns it cancels the tasks that are left and waits for them (what they fail with
/// goes to the exception handler), waits for the default executor's work, and closes the loop.
/// Throws RuntimeError where a loop runs already; `main` has not started then. SIGINT cancels
/// `main`, and `run` throws Interrupted if that ended it: see Runner.
template <class... A>
auto run(A&&... main) {
  detail::require_no_running_loop("aio::run()");
  Runner runner;
  return runner.run(std::forward<A>(main)...);
}

/// The same with options.
template <class... A>
auto run(RunnerOptions options, A&&... main) {
  detail::require_no_running_loop("aio::run()");
  Runner runner(std::move(options));
  return runner.run(std::forward<A>(main)...);
}

}  // namespace aio
