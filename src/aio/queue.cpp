#include "aio/queue.hpp"

namespace aio::detail {

void QueueNode::wait_in(WaitList& list, TaskCore& task, std::coroutine_handle<> leaf) {
  leaf_ = leaf;
  enter(list, task);
  queue_->settle();
  task.suspend(leaf, this);
}

void QueueNode::make_ready() noexcept {
  if (in_ready_queue_) return;
  in_ready_queue_ = true;
  task().loop().make_ready(*this);
}

void QueueNode::run() noexcept {
  in_ready_queue_ = false;
  if (is_woken()) return task().run();
  task().suspend(leaf_, this);  // put back; a cancellation that came meanwhile is delivered here
}

void QueueNode::end_wait() {
  throw_if_cancelled();
  if (!is_listed()) throw QueueShutDown();
  leave();
}

bool QueueGetter::start(TaskCore& task, std::coroutine_handle<> leaf) {
  QueueBase& q = queue();
  q.bound_.bind(task.loop());
  if (q.empty() ? q.is_shut_down_ : q.getters_.empty()) return false;
  wait_in(q.getters_, task, leaf);
  return true;
}

bool QueuePutter::start(TaskCore& task, std::coroutine_handle<> leaf) {
  QueueBase& q = queue();
  q.bound_.bind(task.loop());
  if (q.is_shut_down_ || (!q.full() && q.putters_.empty())) return false;
  wait_in(q.putters_, task, leaf);
  return true;
}

bool QueueJoiner::start(TaskCore& task, std::coroutine_handle<> leaf) {
  if (queue_->unfinished_ == 0) return false;
  queue_->bound_.bind(task.loop());
  enter(queue_->joiners_, task);
  task.suspend(leaf, this);
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
  if (unfinished_ == 0) throw ValueError("task_done() called too many times");
  --unfinished_;
  wake_joiners_if_done();
}

void QueueBase::wake_joiners_if_done() noexcept {
  if (unfinished_ == 0) joiners_.choose_all();
}

void QueueBase::shut_down(bool immediate) {
  if (!getters_.empty() || !putters_.empty() || !joiners_.empty()) bound_.require_here();
  is_shut_down_ = true;
  if (immediate) {
    unfinished_ -= size_ < unfinished_ ? size_ : unfinished_;
    size_ = 0;
    wake_joiners_if_done();
  }
  settle();
}

}  // namespace aio::detail
