#include "aio/detail/wait_list.hpp"

#include "aio/error.hpp"

namespace aio::detail {

bool WaitNode::cancel(const CancelledError& request) {
  if (woken_) return false;
  remember(request);
  leave();
  wake();
  return true;
}

void WaitNode::make_ready() noexcept { task_->loop().make_ready(*task_); }

void WaitNode::enter(WaitList& list, TaskCore& task) noexcept {
  task_ = &task;
  list.add(*this);
}

bool WaitNode::leave() noexcept {
  if (!list_) return false;
  list_->remove(*this);
  return woken_;
}

void WaitNode::wake() noexcept {
  woken_ = true;
  make_ready();
}

void WaitNode::remember(const CancelledError& request) {
  cancelled_ = std::make_unique<CancelledError>(request);
}

void WaitNode::throw_if_cancelled() {
  if (task_) task_->throw_if_cancelled(cancelled_.get());
}

void WaitNode::take_turn() {
  if (!task_) return;
  throw_if_cancelled();
  if (!list_) throw RuntimeError("what a task waited for was destroyed before it went on");
  leave();
}

WaitList::~WaitList() {
  while (first_) remove(*first_);
}

void WaitList::add(WaitNode& node) noexcept {
  node.list_ = this;
  node.previous_ = last_;
  node.next_ = nullptr;
  (last_ ? last_->next_ : first_) = &node;
  last_ = &node;
  if (!first_waiting_) first_waiting_ = &node;
  ++size_;
}

void WaitList::remove(WaitNode& node) noexcept {
  if (node.woken_) --chosen_;
  if (first_waiting_ == &node) first_waiting_ = node.next_;
  (node.previous_ ? node.previous_->next_ : first_) = node.next_;
  (node.next_ ? node.next_->previous_ : last_) = node.previous_;
  node.list_ = nullptr;
  --size_;
}

WaitNode& WaitList::choose_first() noexcept {
  WaitNode& node = *first_waiting_;
  first_waiting_ = node.next_;
  ++chosen_;
  node.wake();
  return node;
}

void WaitList::choose_all() noexcept { keep_chosen(size_); }

void WaitList::keep_chosen(std::size_t count) noexcept {
  while (first_waiting_ && chosen_ < count) choose_first();
  while (chosen_ > count) unchoose_last();
}

void WaitList::unchoose_last() noexcept {
  first_waiting_ = first_waiting_ ? first_waiting_->previous_ : last_;
  first_waiting_->woken_ = false;
  --chosen_;
}

}  // namespace aio::detail
