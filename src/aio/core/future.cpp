#include "aio/future.hpp"

namespace aio::detail {

void FutureBase::drop_unfinished() noexcept {
  while (DoneNode* const node = first_) {
    unlink(*node);
    node->on_abandoned();
  }
  if (done()) std::destroy_at(&slot_.exception);
}

void FutureBase::report_unseen() noexcept {
  loop().report({describe() + " exception was never retrieved", slot_.exception, describe()});
}

void FutureBase::end_task(LoopState& /*loop*/) noexcept {}

bool FutureBase::cancel(const CancelledError& request) {
  retrieved_ = true;  // who cancels has seen to it; CPython does not report it either
  if (done()) return false;
  finish_cancelled(request);
  return true;
}

void FutureBase::throw_not_pending() {
  throw InvalidStateError("the result of this future is already set");
}

std::exception_ptr FutureBase::exception() {
  if (!done()) throw InvalidStateError("the exception of this future is not set yet");
  if (cancelled()) std::rethrow_exception(slot_.exception);
  retrieved_ = true;
  return has_exception() ? slot_.exception : nullptr;
}

void FutureBase::set_exception(std::exception_ptr exception) {
  require_pending();
  require(exception != nullptr, "set_exception() needs an exception");
  ::new (&slot_.exception) std::exception_ptr(std::move(exception));
  complete(Status::failed);
}

void FutureBase::throw_failure() {
  if (!done()) throw InvalidStateError("the result of this future is not set yet");
  if (has_exception()) retrieved_ = true;
  std::rethrow_exception(slot_.exception);
}

void FutureBase::finish_cancelled(const CancelledError& error) noexcept {
  finish_cancelled(std::make_exception_ptr(error));
}

void FutureBase::finish_cancelled(std::exception_ptr error) noexcept {
  ::new (&slot_.exception) std::exception_ptr(std::move(error));
  complete(Status::cancelled);
}

// A signal handler may walk the list forwards at any moment: what it follows is written last.
void FutureBase::add(DoneNode& node) {
  if (done()) return node.on_done();
  node.next_ = nullptr;
  node.previous_ = first_ ? first_->previous_ : &node;
  std::atomic_signal_fence(std::memory_order_release);
  (first_ ? first_->previous_->next_ : first_) = &node;
  first_->previous_ = &node;
}

bool FutureBase::unlink(DoneNode& node) noexcept {
  if (node.next_) {
    node.next_->previous_ = node.previous_;
  } else {
    first_->previous_ = node.previous_;
  }
  (first_ == &node ? first_ : node.previous_->next_) = node.next_;
  node.previous_ = nullptr;
  return true;
}

void FutureBase::tell_all() noexcept {
  while (DoneNode* const node = first_) {
    unlink(*node);
    node->on_done();
  }
}

bool FutureWait::cancel(const CancelledError& request) {
  if (future_.cancel(request)) return true;
  // A task that is not done and cannot be cancelled waits, in a circle, for this one: neither would
  // ever go on.
  if (future_.as_task() && future_.remove(*this)) task_.loop().make_ready(task_);
  return false;
}

void report_misuse(FutureBase& future) {
  throw RuntimeError(&future.loop() == running_loop()
                         ? "a task cannot await itself"
                         : "a task awaited a future that belongs to another loop");
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
