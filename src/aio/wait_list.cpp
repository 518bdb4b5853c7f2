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

void WaitNode::remember(const CancelledError& request) {
  cancelled_ = std::make_unique<CancelledError>(request);
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

void WaitList::unchoose_last() noexcept {
  first_waiting_ = first_waiting_ ? first_waiting_->previous_ : last_;
  first_waiting_->woken_ = false;
  first_waiting_->task_->put_back();
  --chosen_;
}

}  // namespace aio::detail
