#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "aio/coro.hpp"
#include "aio/detail/callback.hpp"
#include "aio/detail/future_state.hpp"
#include "aio/handle.hpp"

namespace aio {

class EventLoop;
template <class T>
class Future;

namespace detail {

/// Calls back, by way of the loop, once a future is done. The future's list, and then the loop,
/// owns one reference. It does not keep the future alive before it is done: a future that nobody
/// can set any more goes away, and its callbacks with it.
class DoneCallback : public Callback, public DoneNode {
 public:
  explicit DoneCallback(FutureBase& future) : Callback(future.loop()), future_(&future) {}

  void on_done() noexcept override;
  void on_abandoned() noexcept override { release(); }
  void cancel() noexcept override;
  FutureBase* awaiting_future() const noexcept override { return served_; }
  const char* awaiting_word() const noexcept override { return served_by_; }
  /// See DoneHandle::serve.
  void serve(FutureBase& future, const char* by) noexcept {
    served_by_ = by;
    served_ = &future;
  }
  /// Cancels it if it is still waiting for `future`; whether it was.
  bool take_back(const FutureBase& future) noexcept;

 protected:
  /// The future, once it is done.
  Ref<FutureBase> take_future() { return std::move(kept_); }

 private:
  FutureBase* future_;
  FutureBase* served_ = nullptr;
  const char* served_by_ = nullptr;
  Ref<FutureBase> kept_;
};

template <class F>
class DoneCallbackOf;

/// Throws RuntimeError: the running task awaited `future`, which is itself, or another loop's.
[[noreturn]] void report_misuse(FutureBase& future);

/// A task that waits for a future, in the future's list.
class FutureWait final : public Waiter, public DoneNode {
 public:
  FutureWait(FutureBase& future, TaskCore& task) : future_(future), task_(task) {
    future.add(*this);
  }
  FutureWait(const FutureWait&) = delete;
  FutureWait& operator=(const FutureWait&) = delete;
  ~FutureWait() { future_.remove(*this); }

  TaskCore& task() const { return task_; }

  bool cancel(const CancelledError& request) override;
  const char* word() const noexcept override { return future_.word(); }
  FutureBase* awaited_future() const noexcept override { return &future_; }
  FutureBase* awaiting_future() const noexcept override { return &task_.future(); }
  void on_done() noexcept override { task_.loop().make_ready(task_); }
  void on_abandoned() noexcept override {}  // cannot be: the awaiter holds the future

 private:
  FutureBase& future_;
  TaskCore& task_;
};

/// The awaiter of a future, inside the coroutine's frame. Of a named future it has a reference of
/// its own only while it waits: the handle may go meanwhile.
template <class T, bool consume>
class FutureAwaiter {
 public:
  explicit FutureAwaiter(FutureState<T>& state)
    requires(!consume)
      : state_(&state) {}
  explicit FutureAwaiter(Ref<FutureState<T>> state)
    requires consume
      : state_(state.detach()), holds_(true) {}
  FutureAwaiter(const FutureAwaiter&) = delete;
  FutureAwaiter& operator=(const FutureAwaiter&) = delete;
  ~FutureAwaiter() {
    if (waits_) std::destroy_at(&wait_.value);
    if (holds_) state_->release();
  }

  bool await_ready() const noexcept { return state_->done(); }

  template <PromiseOfCoro P>
  bool await_suspend(std::coroutine_handle<P> caller) {
    TaskCore& task = caller.promise().task();
    if (&task.loop() != &state_->loop() || &task.future() == state_) {
      is_misused_ = true;
      return false;
    }
    if (!std::exchange(holds_, true)) state_->add_ref();
    ::new (&wait_.value) FutureWait(*state_, task);
    waits_ = true;
    task.suspend(&wait_.value);
    return true;
  }

  decltype(auto) await_resume() {
    if (is_misused_) [[unlikely]]
      report_misuse(*state_);
    if (waits_) {
      state_->mark_retrieved();  // whether or not a cancellation comes before it
      wait_.value.task().throw_if_cancelled(*state_);
    }
    if constexpr (std::is_void_v<T>) {
      state_->throw_if_failed();
    } else if constexpr (consume) {
      return state_->take_value();
    } else {
      return std::as_const(state_->value());
    }
  }

 private:
  FutureState<T>* state_;
  bool holds_ = false;
  bool waits_ = false;
  bool is_misused_ = false;
  Room<FutureWait> wait_;
};

}  // namespace detail

/// The name of a callback: `add_done_callback` returns it, `remove_done_callback` takes it.
class DoneHandle {
 public:
  DoneHandle() = default;
  explicit DoneHandle(detail::Ref<detail::DoneCallback> callback)
      : callback_(std::move(callback)) {}

  /// Tells inspection that the callback works for `future`, a task or what is done in its turn,
  /// which must stay as long as the callback waits: who looks at the awaited future then finds who
  /// really waits, and by what means: a literal such as "TaskGroup"; null: the future's own word.
  void serve(detail::FutureBase& future, const char* by = nullptr) const {
    if (callback_) callback_->serve(future, by);
  }

 private:
  friend class AnyFuture;
  detail::Ref<detail::DoneCallback> callback_;
};

/// A future of any type, with everything but its result.
///
/// It is a handle: copies refer to the same future. Only the loop's thread may use it, but a copy
/// may be made, carried and dropped on any thread. Using an empty one aborts.
class AnyFuture {
 public:
  AnyFuture() = default;
  explicit AnyFuture(detail::Ref<detail::FutureBase> state) : state_(std::move(state)) {}

  bool done() const { return base().done(); }
  bool cancelled() const { return base().cancelled(); }

  /// Asks for cancellation; false if it is done already. A plain future is cancelled at once. Who
  /// awaits it gets CancelledError with this message.
  bool cancel(std::string message = {}) const {
    base().loop().require_own_thread();
    return base().cancel(detail::make_cancel_request(std::move(message)));
  }

  /// The exception that it failed with, or null if it has a result. Throws InvalidStateError while
  /// it is pending, CancelledError if it was cancelled.
  std::exception_ptr exception() const { return base().exception(); }

  /// Aborts if the loop was destroyed.
  EventLoop& get_loop() const {
    detail::require(base().loop().event_loop != nullptr, "the loop of a Future was destroyed");
    return *base().loop().event_loop;
  }

  /// Has `f(future)` called through the loop once it is done, in the order of adding; soon, if it
  /// is done already. It does not keep the future alive; a future dropped undone calls nobody.
  template <class F>
  DoneHandle add_done_callback(F f) const;

  /// Takes back a callback that waits for this future; how many were taken back: 1, or 0 if it was
  /// called, is on its way through the loop, or was taken back before.
  std::size_t remove_done_callback(const DoneHandle& handle) const {
    return handle.callback_ && handle.callback_->take_back(base()) ? 1 : 0;
  }

  /// Takes back a callback even if it is on its way through the loop already.
  void cancel_done_callback(const DoneHandle& handle) const {
    if (handle.callback_) handle.callback_->cancel();
  }

  explicit operator bool() const { return static_cast<bool>(state_); }
  friend bool operator==(const AnyFuture&, const AnyFuture&) = default;

  /// The shared state, for code that is built on futures.
  const detail::Ref<detail::FutureBase>& state() const {
    detail::require(static_cast<bool>(state_), "an empty Future was used");
    return state_;
  }

 protected:
  detail::FutureBase& base() const { return *state(); }
  detail::FutureBase* take_state() { return state_.detach(); }
  void require_no_task(const char* what) const {
    if (base().is_task()) throw RuntimeError(what);
  }

 private:
  detail::Ref<detail::FutureBase> state_;
};

/// A result in the making that anyone may set, and many may await.
///
/// `co_await future` resumes in the turn after it is done and gives the result: a const reference
/// for a named future, the value itself for a temporary or `std::move(future)`. It throws what the
/// future failed with; CancelledError if it was cancelled. Cancelling a task that awaits it cancels
/// it, as in asyncio. A failure that is never looked at is reported when the last handle is
/// dropped.
template <class T = void>
class [[nodiscard]] Future : public AnyFuture {
 public:
  using value_type = T;

  Future() = default;
  explicit Future(detail::Ref<detail::FutureState<T>> state)
      : AnyFuture(detail::Ref<detail::FutureBase>(std::move(state))) {}

  /// Sets the result. Throws InvalidStateError if it is done, RuntimeError if it is a task.
  void set_result() const
    requires std::is_void_v<T>
  {
    require_no_task("Task does not support set_result operation");
    plain().set_value(std::monostate());
  }
  template <class U>
  void set_result(U&& value) const
    requires(!std::is_void_v<T> && std::is_constructible_v<T, U &&>)
  {
    require_no_task("Task does not support set_result operation");
    plain().set_value(std::forward<U>(value));
  }

  /// Makes it fail. Throws InvalidStateError if it is done, RuntimeError if it is a task.
  void set_exception(std::exception_ptr exception) const {
    require_no_task("Task does not support set_exception operation");
    typed().set_exception(std::move(exception));
  }
  template <class E>
  void set_exception(E exception) const
    requires(!std::is_same_v<E, std::exception_ptr>)
  {
    set_exception(std::make_exception_ptr(std::move(exception)));
  }

  /// The result. Throws InvalidStateError while it is pending, and the error of one that failed.
  decltype(auto) result() const {
    if constexpr (std::is_void_v<T>) {
      base().throw_if_failed();
    } else {
      return std::as_const(typed().value());
    }
  }

  auto operator co_await() const& { return detail::FutureAwaiter<T, false>(typed()); }
  auto operator co_await() && { return detail::FutureAwaiter<T, true>(take_ref()); }

  /// The shared state, for code that is built on futures.
  detail::FutureState<T>& typed() const { return static_cast<detail::FutureState<T>&>(base()); }

 private:
  /// Only if it is no task.
  detail::PlainFuture<T>& plain() const { return static_cast<detail::PlainFuture<T>&>(base()); }
  detail::Ref<detail::FutureState<T>> take_ref() {
    static_cast<void>(typed());  // that there is one
    return detail::Ref<detail::FutureState<T>>::adopt(
        static_cast<detail::FutureState<T>*>(take_state()));
  }
};

namespace detail {

template <class F>
class DoneCallbackOf final : public DoneCallback {
 public:
  DoneCallbackOf(F f, FutureBase& future) : DoneCallback(future), f_(std::move(f)) {}

 private:
  void invoke() override {
    F f = std::move(*f_);
    f_.reset();
    f(AnyFuture(take_future()));
  }
  void drop() noexcept override { f_.reset(); }

  std::optional<F> f_;
};

}  // namespace detail

template <class F>
DoneHandle AnyFuture::add_done_callback(F f) const {
  auto callback = detail::make_ref<detail::DoneCallbackOf<F>>(std::move(f), base());
  detail::Ref<detail::DoneCallback> for_list(callback);
  base().add(*for_list);
  static_cast<void>(for_list.detach());
  return DoneHandle(std::move(callback));
}

}  // namespace aio
