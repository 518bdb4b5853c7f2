#include "aio/threadsafe.hpp"

#include "aio/loop/loop_core.hpp"

namespace aio::detail {

bool ConcurrentBase::done() const {
  const std::lock_guard lock(mutex_);
  return status_ != Status::pending;
}

bool ConcurrentBase::cancelled() const {
  const std::lock_guard lock(mutex_);
  return status_ == Status::cancelled;
}

bool ConcurrentBase::cancel() {
  {
    const std::lock_guard lock(mutex_);
    if (status_ == Status::cancelled) return true;
    if (status_ != Status::pending) return false;
    status_ = Status::cancelled;
    cancelled_error_ = make_cancel_request({});
    changed_.notify_all();
  }
  cancel_task();
  return true;
}

/// A closed loop has ended the task, or will never start it.
void ConcurrentBase::cancel_task() {
  auto call = [self = Ref<ConcurrentBase>(*this)] {
    if (self->task_) self->task_->cancel(self->cancelled_error_);
  };
  auto callback = make_callback<ThreadSafeCallback>(std::move(call), loop());
  if (running_loop() == loop_.get()) {
    loop_->make_ready(*callback.detach());
  } else {
    static_cast<void>(core_of(loop()).poller.post(std::move(callback)));
  }
}

bool ConcurrentBase::wait(std::optional<Duration> timeout) {
  std::unique_lock lock(mutex_);
  const auto is_done = [this] { return status_ != Status::pending; };
  if (is_done()) return true;
  if (running_loop() == loop_.get()) {
    throw RuntimeError("a loop cannot block for what it is to run itself: await it instead");
  }
  if (timeout) {
    return changed_.wait_until(lock, saturating_add(Clock::now(), *timeout), is_done);
  }
  changed_.wait(lock, is_done);
  return true;
}

void ConcurrentBase::require_done_within(Duration timeout) {
  if (!wait(timeout)) throw TimeoutError("the coroutine did not end in time");
}

std::exception_ptr ConcurrentBase::exception() const {
  const std::lock_guard lock(mutex_);
  if (status_ == Status::cancelled) throw CancelledError(cancelled_error_);
  return exception_;
}

void ConcurrentBase::throw_if_failed() const {
  if (const std::exception_ptr exception = this->exception()) std::rethrow_exception(exception);
}

void ConcurrentBase::fail(std::exception_ptr exception) noexcept {
  const std::lock_guard lock(mutex_);
  if (status_ != Status::pending) return;
  exception_ = std::move(exception);
  status_ = Status::failed;
  changed_.notify_all();
}

void ConcurrentBase::finish_cancelled(const CancelledError& error) noexcept {
  const std::lock_guard lock(mutex_);
  if (status_ != Status::pending) return;
  cancelled_error_ = error;
  status_ = Status::cancelled;
  changed_.notify_all();
}

void ConcurrentBase::finish() noexcept {
  const std::lock_guard lock(mutex_);
  if (status_ != Status::pending) return;
  status_ = Status::finished;
  changed_.notify_all();
}

void ConcurrentBase::follow_task(Ref<FutureBase> task) {
  task_ = std::move(task);
  add_ref();  // the task's
  task_->add(*this);
}

// The task is kept, so that what it threw is freed with this and not, by the loop, under the eyes
// of a thread that looks at it.
void ConcurrentBase::on_done() noexcept {
  const Ref<ConcurrentBase> self = Ref<ConcurrentBase>::adopt(this);
  task_->mark_retrieved();
  take_outcome(*task_);
}

// The result is moved without the lock: it is not looked at before the status says that it is
// there.
void ConcurrentBase::take_outcome(FutureBase& task) noexcept {
  try {
    task.throw_if_failed();
    take_result(task);
    finish();
  } catch (const CancelledError& error) {
    finish_cancelled(error);
  } catch (...) {
    fail(std::current_exception());
  }
}

}  // namespace aio::detail
