#include "aio/core/wakeup.hpp"

namespace aio::detail {

void Wakeup::wake_all() noexcept {
  while (WakeupAwaiter* const awaiter = first_) {
    remove(*awaiter);
    awaiter->task_->loop().make_ready(*awaiter->task_);
  }
}

void Wakeup::add(WakeupAwaiter& awaiter) noexcept {
  awaiter.linked_ = true;
  awaiter.previous_ = last_;
  awaiter.next_ = nullptr;
  (last_ ? last_->next_ : first_) = &awaiter;
  last_ = &awaiter;
}

void Wakeup::remove(WakeupAwaiter& awaiter) noexcept {
  (awaiter.previous_ ? awaiter.previous_->next_ : first_) = awaiter.next_;
  (awaiter.next_ ? awaiter.next_->previous_ : last_) = awaiter.previous_;
  awaiter.linked_ = false;
}

bool WakeupAwaiter::cancel(const CancelledError& request) {
  if (!linked_) return false;  // the task is about to wake
  wakeup_->remove(*this);
  cancelled_ = request;
  task_->loop().make_ready(*task_);
  return true;
}

}  // namespace aio::detail
