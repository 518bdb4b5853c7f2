#include "aio/queue.hpp"

namespace aio::detail {

void QueueNode::refuse_turn() { throw QueueShutDown(); }

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
