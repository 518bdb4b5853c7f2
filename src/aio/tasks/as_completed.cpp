#include "aio/as_completed.hpp"

namespace aio::detail {

Coro<std::size_t> CompletionQueue::next_index(Ref<CompletionQueue> queue) {
  if (!queue->ended_.empty()) {
    const std::size_t index = queue->ended_.front();
    queue->ended_.pop_front();
    co_return index;
  }
  if (queue->is_time_up_) throw TimeoutError("timed out");
  const Future<std::size_t> waiter(make_ref<PlainFuture<std::size_t>>(*queue->loop_));
  queue->waiters_.push_back(waiter);
  try {
    co_return co_await waiter;
  } catch (const CancelledError&) {
    queue->take_back(waiter);
    throw;
  }
}

CompletionQueue::~CompletionQueue() {
  if (has_timer_) timer_.cancel();
  for (const auto& [future, handle] : watched_) future.cancel_done_callback(handle);
}

void CompletionQueue::watch(const std::vector<AnyFuture>& futures, TimeLimit limit) {
  unclaimed_ = running_ = futures.size();
  watched_.reserve(futures.size());
  for (const AnyFuture& future : futures) {
    const std::size_t index = watched_.size();
    watched_.emplace_back(
        future, future.add_done_callback([this, index](const AnyFuture&) { on_done(index); }));
  }
  if (futures.empty() || !limit.delay()) return;
  timer_ = loop_->event_loop->call_later(*limit.delay(), [this] { on_timeout(); });
  has_timer_ = true;
}

void CompletionQueue::on_done(std::size_t index) {
  watched_[index] = {};
  if (--running_ == 0 && has_timer_) timer_.cancel();
  if (!give_to_waiter(index)) ended_.push_back(index);
}

bool CompletionQueue::give_to_waiter(std::size_t index) {
  while (!waiters_.empty()) {
    const Future<std::size_t> waiter = std::move(waiters_.front());
    waiters_.pop_front();
    if (waiter.done()) continue;  // cancelled, and about to see it
    waiter.set_result(index);
    return true;
  }
  return false;
}

void CompletionQueue::on_timeout() {
  is_time_up_ = true;
  for (const auto& [future, handle] : watched_) future.cancel_done_callback(handle);
  for (const auto& waiter : std::exchange(waiters_, {})) {
    if (!waiter.done()) waiter.set_exception(TimeoutError("timed out"));
  }
}

// A waiter that is cancelled may have been given one in the same turn; that goes to the next, as
// the first in the order.
void CompletionQueue::take_back(const Future<std::size_t>& waiter) {
  ++unclaimed_;
  std::erase(waiters_, waiter);
  if (!waiter.done() || waiter.cancelled() || waiter.exception()) return;
  if (!give_to_waiter(waiter.result())) ended_.push_front(waiter.result());
}

}  // namespace aio::detail
