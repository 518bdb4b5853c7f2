#pragma once

#include <coroutine>
#include <exception>
#include <source_location>
#include <type_traits>
#include <utility>
#include <variant>

#include "aio/detail/block_pool.hpp"
#include "aio/detail/task_core.hpp"

namespace aio {

template <class T>
class Coro;

namespace detail {

template <class T>
class TaskState;

/// What a coroutine of aio can await: aio's own awaitables, which resume by way of the task. What
/// takes any coroutine handle knows of no task, and would resume the coroutine behind its back.
template <class A>
concept AioAwaitable = requires(A&& awaitable) {
  std::forward<A>(awaitable).operator co_await();
} && !requires(A&& awaitable) {
  std::forward<A>(awaitable).operator co_await().await_suspend(std::coroutine_handle<>());
};

/// What the promises of all coroutines have in common: the task they run in, who awaits them, and
/// where they are.
class PromiseBase : public CoroFrame {
 public:
  static void* operator new(std::size_t size) { return allocate_block(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_block(frame, size); }

  template <class A>
  A&& await_transform(A&& awaitable,
                      std::source_location place = std::source_location::current()) noexcept {
    static_assert(AioAwaitable<A>,
                  "only aio's awaitables can be awaited in a Coro: another Coro (once: co_await "
                  "std::move(coro)), a Future, a Task, sleep() and the like");
    where = place;
    return std::forward<A>(awaitable);
  }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  auto final_suspend() const noexcept {
    struct ToContinuation {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<>) const noexcept {
        task->innermost = caller;
        task->next = continuation;
      }
      void await_resume() const noexcept {}
      TaskCore* task;
      CoroFrame* caller;
      std::coroutine_handle<> continuation;  // empty for a task's outermost coroutine
    };
    return ToContinuation{task_, caller, continuation_};
  }

  TaskCore& task() const { return *task_; }
  bool is_started() const { return task_ != nullptr; }
  /// `awaiting` is the coroutine that awaits this one; null for a task's outermost.
  void run_in(TaskCore& task, std::coroutine_handle<> continuation, CoroFrame* awaiting) {
    task_ = &task;
    continuation_ = continuation;
    caller = awaiting;
    std::atomic_signal_fence(std::memory_order_release);  // a signal handler may walk the frames
    task.innermost = this;
  }

 private:
  TaskCore* task_ = nullptr;
  std::coroutine_handle<> continuation_;
};

/// A coroutine's outcome: nothing yet, its result, or what it threw.
template <class T>
class Promise : public PromiseBase {
 public:
  Coro<T> get_return_object(std::source_location begin = std::source_location::current());
  void unhandled_exception() noexcept { outcome_.template emplace<2>(std::current_exception()); }

  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void return_value(U&& value) {
    outcome_.template emplace<1>(std::forward<U>(value));
  }

  /// What it threw, or null.
  std::exception_ptr exception() const {
    return outcome_.index() == 2 ? std::get<2>(outcome_) : nullptr;
  }
  T take() {
    if (outcome_.index() == 2) std::rethrow_exception(std::get<2>(outcome_));
    return std::move(std::get<1>(outcome_));
  }

 private:
  std::variant<std::monostate, T, std::exception_ptr> outcome_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  Coro<void> get_return_object(std::source_location begin = std::source_location::current());
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }
  void return_void() const noexcept {}

  std::exception_ptr exception() const { return exception_; }
  void take() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  std::exception_ptr exception_;
};

/// The one kind of coroutine that aio's awaitables can be awaited in.
template <class P>
concept PromiseOfCoro = std::is_base_of_v<PromiseBase, P>;

}  // namespace detail

/// A coroutine that has not started: what a coroutine function of aio returns.
///
/// It is lazy: nothing runs until it is awaited, and then it runs inside the awaiting task, at
/// once. It is moved, not copied, and awaited once: `co_await f()` or `co_await std::move(coro)`;
/// what it returns or throws is what the await gives. Dropping it unawaited frees its frame:
/// nothing has run.
///
/// Its parameters live in its frame. A parameter that is a reference refers to what the caller
/// holds, which is safe for `co_await f(local)` and not for a task that outlives the caller; rvalue
/// references are refused. A lambda that is a coroutine must not capture: its captures live in the
/// lambda and not in the frame. Only aio's awaitables can be awaited inside.
template <class T = void>
class [[nodiscard("a Coro does nothing until it is awaited or made a task")]] Coro {
  static_assert(!std::is_reference_v<T>,
                "a Coro of a reference: return a pointer or std::reference_wrapper");

 public:
  using promise_type = detail::Promise<T>;
  using value_type = T;

  Coro(Coro&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Coro& operator=(Coro&& other) noexcept {
    Coro old(std::move(*this));
    frame_ = std::exchange(other.frame_, nullptr);
    return *this;
  }
  ~Coro() {
    if (!frame_) return;
    if (!frame_.promise().is_started()) detail::report_never_awaited(frame_.promise());
    frame_.destroy();
  }

  auto operator co_await() && noexcept { return Awaiter(std::move(*this)); }

 private:
  friend class detail::Promise<T>;
  template <class U>
  friend class detail::TaskState;

  using Frame = std::coroutine_handle<promise_type>;
  explicit Coro(Frame frame) : frame_(frame) {}

  class Awaiter {
   public:
    explicit Awaiter(Coro coro) : coro_(std::move(coro)) {
      detail::require(static_cast<bool>(coro_.frame_), "a Coro was awaited twice, or after a move");
    }
    bool await_ready() const noexcept { return false; }
    template <detail::PromiseOfCoro P>
    void await_suspend(std::coroutine_handle<P> caller) noexcept {
      detail::TaskCore& task = caller.promise().task();
      coro_.frame_.promise().run_in(task, caller, &caller.promise());
      task.next = coro_.frame_;
    }
    T await_resume() { return coro_.frame_.promise().take(); }

   private:
    Coro coro_;
  };

  Frame frame_;
};

namespace detail {

template <class T>
Coro<T> Promise<T>::get_return_object(std::source_location begin) {
  where = begin;
  return Coro<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Coro<void> Promise<void>::get_return_object(std::source_location begin) {
  where = begin;
  return Coro<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

/// Whether a function that is always called in an expression that awaits may be given an F as it
/// is. GCC 12 destroys a temporary lambda with captures twice there (GCC bugs 100611, 107288).
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
template <class F>
inline constexpr bool can_be_temporary =
    std::is_lvalue_reference_v<F> || std::is_trivially_destructible_v<F>;
#else
template <class F>
inline constexpr bool can_be_temporary = true;
#endif

template <class... Parameters>
inline constexpr bool no_rvalue_reference = (!std::is_rvalue_reference_v<Parameters> && ...);

}  // namespace detail
}  // namespace aio

/// Refuses the one kind of parameter that always dangles: an rvalue reference refers to a temporary
/// of the caller's expression, which is gone before the coroutine first runs.
template <class T, class... Parameters>
struct std::coroutine_traits<aio::Coro<T>, Parameters...> {
  static_assert(aio::detail::no_rvalue_reference<Parameters...>,
                "a coroutine with an rvalue-reference parameter: take it by value instead");
  using promise_type = typename aio::Coro<T>::promise_type;
};
