#include "aio/detail/wait_list.hpp"

#include "aio/error.hpp"

namespace aio::detail {

bool WaitNode::cancel(const CancelledError& request) {
  if (is_woken()) return false;
  remember(request);
  leave();
  wake();
  return true;
}

void WaitNode::remember(const CancelledError& request) {
  auto* const error = new CancelledError(request);
  if (state_ & has_request) delete cancelled_;
  cancelled_ = error;
  state_ |= has_request;
}

bool WaitNode::end_wait() noexcept {
  const bool leaves_turn = leave();
  if (state_ & has_request) delete cancelled_;
  state_ = 0;
  return leaves_turn;
}

void WaitNode::take_turn() {
  if (!has_waited()) return;
  throw_if_cancelled();
  if (!list_) throw RuntimeError("what a task waited for was destroyed before it went on");
  end_turn(*list_);
}

WaitList::~WaitList() {
  while (!empty()) remove(static_cast<WaitNode&>(*ends_.next_));
}

void WaitList::unchoose_last() noexcept {
  set_first_waiting(first_waiting_->previous_);
  WaitNode& node = static_cast<WaitNode&>(*first_waiting_);
  node.state_ = static_cast<std::uint8_t>(node.state_ & ~WaitNode::woken);
  first_task_->put_back();
  --chosen_;
}

}  // namespace aio::detail
