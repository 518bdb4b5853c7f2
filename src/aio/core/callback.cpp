#include "aio/detail/callback.hpp"

namespace aio::detail {

void Callback::run() noexcept {
  if (!cancelled_) invoke_and_report();
  release();
}

void Callback::invoke_and_report() noexcept {
  try {
    const ContextScope scope(context_);
    invoke();
  } catch (...) {
    loop_->report({"Exception in callback", std::current_exception(), "callback"});
  }
}

void Callback::cancel() noexcept {
  if (cancelled_) return;
  cancelled_ = true;
  drop();
}

void ThreadSafeCallback::run() noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!Callback::cancelled()) invoke_and_report();
  }
  release();
}

void ThreadSafeCallback::cancel() noexcept {
  const std::lock_guard lock(mutex_);
  Callback::cancel();
}

bool ThreadSafeCallback::cancelled() const {
  const std::lock_guard lock(mutex_);
  return Callback::cancelled();
}

void TimerCallback::cancel() noexcept {
  Callback::cancel();
  if (!is_armed()) return;
  loop().timers.disarm(*this);
  release();
}

}  // namespace aio::detail
