#include "aio/detail/executor_state.hpp"

#include <utility>

#include "aio/loop/loop_core.hpp"

namespace aio::detail {

namespace {

[[noreturn]] void throw_in_use() { throw RuntimeError("the executor is in use by another loop"); }

}  // namespace

void ExecutorState::take_for(LoopState& loop) {
  LoopState* user = nullptr;
  if (!user_.compare_exchange_strong(user, &loop)) throw_in_use();
  core_of(loop).outside.add(*this);
}

void ExecutorState::end_use() noexcept {
  const Ref<ExecutorState> self(*this);
  LoopState* const loop = user_;
  if (!loop) return;
  tell_idle();
  core_of(*loop).outside.remove(*this);
  user_ = nullptr;  // from here on another loop may use the executor
}

void ExecutorState::tell_idle() noexcept {
  const std::vector<Future<void>> waiters = std::exchange(idle_waiters_, {});
  for (const Future<void>& waiter : waiters) {
    if (!waiter.done()) waiter.set_result();
  }
}

Future<void> ExecutorState::when_idle(LoopState& loop) {
  const LoopState* const user = user_;
  if (user && user != &loop) throw_in_use();
  Future<void> idle(make_ref<PlainFuture<void>>(loop));
  is_at_rest() ? idle.set_result() : idle_waiters_.push_back(idle);
  return idle;
}

}  // namespace aio::detail
