#pragma once

#include <optional>

#include "aio/coro.hpp"
#include "aio/detail/task_core.hpp"

namespace aio::detail {

class WakeupAwaiter;

/// What tasks wait for until something happens outside: a list of those that do, each a link inside
/// its coroutine's frame. It must live as long as they wait.
class Wakeup {
 public:
  class Wait {
   public:
    explicit Wait(Wakeup& wakeup) : wakeup_(&wakeup) {}
    auto operator co_await() &&;

   private:
    Wakeup* wakeup_;
  };

  Wakeup() = default;
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  /// Resumes in the turn after `wake_all`.
  Wait wait() { return Wait(*this); }
  void wake_all() noexcept;
  bool is_awaited() const { return first_ != nullptr; }

 private:
  friend class WakeupAwaiter;
  void add(WakeupAwaiter& awaiter) noexcept;
  void remove(WakeupAwaiter& awaiter) noexcept;

  WakeupAwaiter* first_ = nullptr;
  WakeupAwaiter* last_ = nullptr;
};

class WakeupAwaiter : public Waiter {
 public:
  const char* word() const noexcept override { return "stream"; }

  explicit WakeupAwaiter(Wakeup& wakeup) : wakeup_(&wakeup) {}
  WakeupAwaiter(const WakeupAwaiter&) = delete;
  WakeupAwaiter& operator=(const WakeupAwaiter&) = delete;
  ~WakeupAwaiter() {
    if (linked_) wakeup_->remove(*this);
  }

  bool await_ready() const noexcept { return false; }

  template <PromiseOfCoro P>
  void await_suspend(std::coroutine_handle<P> caller) {
    task_ = &caller.promise().task();
    wakeup_->add(*this);
    task_->suspend(this);
  }

  void await_resume() { task_->throw_if_cancelled(cancelled_ ? &*cancelled_ : nullptr); }

  bool cancel(const CancelledError& request) override;

 private:
  friend class Wakeup;

  Wakeup* wakeup_;
  TaskCore* task_ = nullptr;
  WakeupAwaiter* previous_ = nullptr;
  WakeupAwaiter* next_ = nullptr;
  bool linked_ = false;
  std::optional<CancelledError> cancelled_;
};

inline auto Wakeup::Wait::operator co_await() && { return WakeupAwaiter(*wakeup_); }

}  // namespace aio::detail
