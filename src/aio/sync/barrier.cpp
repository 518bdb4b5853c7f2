#include "aio/barrier.hpp"

namespace aio {

namespace detail {

BarrierAwaiter::~BarrierAwaiter() {
  if (leave()) barrier_->on_left();
}

bool BarrierAwaiter::start(TaskCore& task) {
  Barrier& barrier = *barrier_;
  barrier.bound_.bind(task.loop());
  if (barrier.broken()) throw BrokenBarrierError("Barrier aborted");
  const bool filling = barrier.state_ == Barrier::State::filling;
  if (filling && barrier.count_ + 1 == barrier.parties_) {
    index_ = barrier.parties_ - 1;
    barrier.let_pass();
    return false;
  }
  enter(filling ? barrier.waiters_ : barrier.blocked_, task);
  if (filling) ++barrier.count_;
  task.suspend(this);
  return true;
}

std::size_t BarrierAwaiter::await_resume() {
  if (!has_waited()) return index_;
  take_turn();
  barrier_->on_left();
  if (broken_) throw BrokenBarrierError("Abort or reset of barrier");
  return index_;
}

// While it is filling, no task is blocked: each that waits was counted.
bool BarrierAwaiter::cancel(const CancelledError& request) {
  const bool was_counted =
      is_listed() && !is_woken() && barrier_->state_ == Barrier::State::filling;
  if (!WaitNode::cancel(request)) return false;
  if (was_counted) --barrier_->count_;
  return true;
}

void BarrierAwaiter::move_to(WaitList& list) {
  leave();
  enter(list, task());
}

}  // namespace detail

using detail::BarrierAwaiter;

Barrier::Barrier(std::ptrdiff_t parties) : parties_(static_cast<std::size_t>(parties)) {
  if (parties < 1) throw ValueError("parties must be >= 1");
}

/// The round is full.
void Barrier::let_pass() noexcept {
  state_ = State::draining;
  count_ = 0;
  for (std::size_t index = 0; waiters_.has_waiting(); ++index) {
    static_cast<BarrierAwaiter&>(waiters_.choose_first()).let_pass(index);
  }
  on_left();
}

void Barrier::break_off(detail::WaitList& list) noexcept {
  list.for_each([](detail::WaitNode& node) { static_cast<BarrierAwaiter&>(node).break_off(); });
  list.choose_all();
  count_ = 0;
}

/// The next round begins when all of the last one have left.
void Barrier::on_left() noexcept {
  if (!waiters_.empty()) return;
  if (state_ != State::draining && state_ != State::resetting) return;
  state_ = State::filling;
  admit_blocked();
}

void Barrier::admit_blocked() noexcept {
  while (detail::WaitNode* const node = blocked_.first_waiting()) {
    static_cast<BarrierAwaiter&>(*node).move_to(waiters_);
    if (++count_ == parties_) return let_pass();
  }
}

Coro<void> Barrier::reset() {
  state_ = State::resetting;
  break_off(waiters_);
  on_left();
  co_return;
}

Coro<void> Barrier::abort() {
  state_ = State::broken;
  break_off(waiters_);
  break_off(blocked_);
  co_return;
}

Coro<std::size_t> Barrier::enter() { co_return co_await wait(); }

Coro<void> Barrier::exit(std::exception_ptr /*exception*/) { co_return; }

}  // namespace aio
