#include "aio/future.hpp"

namespace aio::detail {

FutureBase::~FutureBase() {
  while (DoneNode* const node = first_) {
    remove(*node);
    node->on_abandoned();
  }
}

void FutureBase::dispose() noexcept {
  if (exception_ && !retrieved_) {
    loop_->report({describe() + " exception was never retrieved", exception_, describe()});
  }
  RefCounted::dispose();
}

bool FutureBase::cancel(const CancelledError& request) {
  retrieved_ = true;  // who cancels has seen to it; CPython does not report it either
  if (done()) return false;
  finish_cancelled(request);
  return true;
}

void FutureBase::require_pending() const {
  loop_->require_own_thread();
  if (done()) throw InvalidStateError("the result of this future is already set");
}

std::exception_ptr FutureBase::exception() {
  if (!done()) throw InvalidStateError("the exception of this future is not set yet");
  if (cancelled()) throw *cancelled_error_;
  retrieved_ = true;
  return exception_;
}

void FutureBase::set_exception(std::exception_ptr exception) {
  require_pending();
  require(exception != nullptr, "set_exception() needs an exception");
  exception_ = std::move(exception);
  finish();
}

void FutureBase::throw_if_failed() {
  if (!done()) throw InvalidStateError("the result of this future is not set yet");
  if (cancelled()) throw *cancelled_error_;
  if (exception_) {
    retrieved_ = true;
    std::rethrow_exception(exception_);
  }
}

void FutureBase::finish_cancelled(CancelledError error) noexcept {
  cancelled_error_ = std::make_unique<CancelledError>(std::move(error));
  complete(Status::cancelled);
}

void FutureBase::add(DoneNode& node) {
  if (done()) return node.on_done();
  node.linked_ = true;
  node.previous_ = last_;
  node.next_ = nullptr;
  std::atomic_signal_fence(std::memory_order_release);  // a signal handler may walk the list
  (last_ ? last_->next_ : first_) = &node;
  last_ = &node;
}

bool FutureBase::remove(DoneNode& node) noexcept {
  if (!node.linked_) return false;
  (node.previous_ ? node.previous_->next_ : first_) = node.next_;
  (node.next_ ? node.next_->previous_ : last_) = node.previous_;
  node.linked_ = false;
  return true;
}

void FutureBase::complete(Status status) noexcept {
  status_ = status;
  while (DoneNode* const node = first_) {
    remove(*node);
    node->on_done();
  }
}

void DoneCallback::on_done() noexcept {
  kept_ = Ref<FutureBase>(*future_);
  loop().make_ready(*this);
}

void DoneCallback::cancel() noexcept {
  Callback::cancel();
  if (is_linked() && future_->remove(*this)) release();  // not linked, the future may be gone
}

bool DoneCallback::take_back(const FutureBase& future) noexcept {
  if (!is_linked() || future_ != &future) return false;
  cancel();
  return true;
}

}  // namespace aio::detail
