#include "aio/queue.hpp"

#include <algorithm>

namespace aio::detail {

void QueueNode::refuse_turn() {
  throw_if_cancelled();
  throw QueueShutDown();
}

void QueueNode::give_up() noexcept {
  if (end_wait()) queue_->settle();
}

bool QueueGetter::start(TaskCore& task) {
  QueueBase& q = queue();
  q.open_to(task.loop());
  if (q.empty() ? q.is_shut_down_ : q.getters_.empty()) return false;
  enter(q.getters_, task);
  if (!q.empty()) q.settle();
  task.suspend(this);
  return true;
}

bool QueuePutter::start(TaskCore& task) {
  QueueBase& q = queue();
  q.open_to(task.loop());
  if (q.is_shut_down_ || (!q.full() && q.putters_.empty())) return false;
  enter(q.putters_, task);
  if (!q.full()) q.settle();
  task.suspend(this);
  return true;
}

bool QueueJoiner::start(TaskCore& task) {
  if (queue_->is_all_done()) return false;
  queue_->bound_.bind(task.loop());
  enter(queue_->joiners_, task);
  task.suspend(this);
  return true;
}

void QueueBase::require_puttable() const {
  if (!getters_.empty()) bound_.require_here();
  if (is_shut_down_) throw QueueShutDown();
  if (full()) throw QueueFull();
}

void QueueBase::require_gettable() const {
  if (!putters_.empty()) bound_.require_here();
  if (!empty()) return;
  if (is_shut_down_) throw QueueShutDown();
  throw QueueEmpty();
}

void QueueBase::task_done() {
  if (!joiners_.empty()) bound_.require_here();
  if (is_all_done()) throw ValueError("task_done() called too many times");
  ++done_;
  wake_joiners_if_done();
}

void QueueBase::open_to(LoopState& loop) {
  bound_.bind(loop);
  if (!is_shut_down_) open_to_ = &loop;
}

void QueueBase::settle() noexcept {
  getters_.keep_chosen(is_shut_down_ ? any_number : qsize());
  putters_.keep_chosen(is_shut_down_ ? any_number : room());
}

void QueueBase::wake_joiners_if_done() noexcept {
  if (is_all_done()) joiners_.choose_all();
}

void QueueBase::shut_down(bool immediate) {
  if (!getters_.empty() || !putters_.empty() || !joiners_.empty()) bound_.require_here();
  is_shut_down_ = true;
  put_limit_ = 0;
  open_to_ = nullptr;
  if (immediate) {
    done_ += std::min(qsize(), puts_ - done_);
    gets_ = puts_;
    wake_joiners_if_done();
  }
  settle();
}

}  // namespace aio::detail
