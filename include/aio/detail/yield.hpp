#pragma once

#include "aio/coro.hpp"

namespace aio::detail {

/// Suspends the task until its next turn.
class YieldAwaiter {
 public:
  bool await_ready() const noexcept { return false; }
  template <PromiseOfCoro P>
  void await_suspend(std::coroutine_handle<P> /*caller*/) const {
    LoopState& loop = *running_loop();
    loop.current_task->suspend(nullptr);
    loop.ready.push(*loop.current_task);
  }
  void await_resume() const { running_loop()->current_task->throw_if_cancelled(); }
};

/// The awaitable of `sleep(0)`.
class [[nodiscard("a sleep does nothing until it is awaited")]] Yield {
 public:
  YieldAwaiter operator co_await() const noexcept { return {}; }
};

}  // namespace aio::detail
