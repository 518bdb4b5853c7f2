// The functions of EventLoop that deal with its default executor.

#include "aio/detail/pool_queue.hpp"
#include "aio/event_loop.hpp"
#include "aio/loop/loop_core.hpp"

namespace aio {

namespace detail {

/// A loop's default executor, which is made when it is first needed. Its end shuts it down.
class DefaultExecutor {
 public:
  DefaultExecutor() = default;
  DefaultExecutor(const DefaultExecutor&) = delete;
  DefaultExecutor& operator=(const DefaultExecutor&) = delete;
  ~DefaultExecutor() {
    if (executor) executor->shutdown();
  }

  static DefaultExecutor& of(LoopCore& core) {
    if (!core.default_executor) core.default_executor = std::make_shared<DefaultExecutor>();
    return *core.default_executor;
  }

  std::optional<ThreadPoolExecutor> executor;
  bool is_shut_down = false;
};

}  // namespace detail

detail::PoolQueue& EventLoop::default_queue() {
  auto& chosen = detail::DefaultExecutor::of(*core_);
  if (chosen.is_shut_down) throw RuntimeError("Executor shutdown has been called");
  if (!chosen.executor) chosen.executor = ThreadPoolExecutor::make_default();
  return chosen.executor->queue();
}

void EventLoop::set_default_executor(ThreadPoolExecutor executor) {
  state().require_open();
  detail::DefaultExecutor::of(*core_).executor = std::move(executor);
}

Coro<void> EventLoop::shutdown_default_executor(std::optional<Duration> timeout) {
  auto& chosen = detail::DefaultExecutor::of(*core_);
  chosen.is_shut_down = true;
  if (!chosen.executor) co_return;
  const ThreadPoolExecutor executor = *chosen.executor;
  executor.shutdown();
  auto idle = executor.queue().when_idle(state());
  TimerHandle timer;
  if (timeout) {
    timer = call_later(*timeout, [idle, this] {
      if (idle.done()) return;
      call_exception_handler({"The executor did not finish its work in time", nullptr, "executor"});
      idle.set_result();
    });
  }
  co_await idle;
  if (timeout) timer.cancel();
}

}  // namespace aio
