#pragma once

#include <utility>

#include "aio/context.hpp"
#include "aio/event_loop.hpp"

namespace aio {

/// Runs `f(args…)` on the running loop's default executor, in a copy of the caller's context, which
/// `run_in_executor` does not hand on. As a Coro it is submitted when awaited.
template <class F, class... Args>
  requires detail::PoolFunction<F, Args...>
auto to_thread(F f, Args... args) -> Coro<detail::PoolResult<F, Args...>> {
  detail::InContext<F> in_context(std::move(f));
  auto future =
      get_running_loop().run_in_executor(nullptr, std::move(in_context), std::move(args)...);
  co_return co_await std::move(future);
}
template <class F, class... Args>
  requires detail::PoolFunction<F, Args...>
auto to_thread(PoolOptions options, F f, Args... args) -> Coro<detail::PoolResult<F, Args...>> {
  detail::InContext<F> in_context(std::move(f));
  auto future = get_running_loop().run_in_executor(nullptr, options, std::move(in_context),
                                                   std::move(args)...);
  co_return co_await std::move(future);
}
template <class F, class... Args>
  requires detail::CoroutineFunction<F, Args...>
detail::AwaitTheCoroutineOnTheLoopInstead to_thread(F f, Args... args) = delete;

}  // namespace aio
