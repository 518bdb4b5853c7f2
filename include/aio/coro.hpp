#pragma once

#include <coroutine>
#include <cstddef>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <source_location>
#include <type_traits>
#include <utility>

#include "aio/detail/block_pool.hpp"
#include "aio/detail/task_core.hpp"

namespace aio {

template <class T>
class Coro;

namespace detail {

template <class T>
class TaskState;

/// A type that a coroutine of aio can await: aio's own awaitables, which resume by way of the task.
/// What takes any coroutine handle knows of no task, and would resume the coroutine behind its
/// back.
template <class A>
concept AioAwaitable = requires(A&& awaitable) {
  std::forward<A>(awaitable).operator co_await();
} && !requires(A&& awaitable) {
  std::forward<A>(awaitable).operator co_await().await_suspend(std::coroutine_handle<>());
};

/// At the end of a coroutine: its caller goes on.
class EndAwaiter {
 public:
  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> ended) const noexcept {
    LoopState& loop = *running_loop();
    if (CoroFrame* const caller = ended.promise().caller()) {
      loop.current_task->set_innermost(*caller);
      loop.next = caller->handle();
    } else {
      loop.current_task->set_ended();
    }
  }
  void await_resume() const noexcept {}
};

/// The common part of the promises of all coroutines. It keeps neither its task, which is the
/// current one whenever a coroutine runs, nor what it goes on with: that is its caller.
class PromiseBase : public CoroFrame {
 public:
  // Both always inline: the blocks of two compilers differ, and the two may meet in one program.
  [[gnu::always_inline]] static void* operator new(std::size_t size) {
    return allocate_block(block_size(size));
  }
  [[gnu::always_inline]] static void operator delete(void* frame, std::size_t size) noexcept {
    free_block(frame, block_size(size));
  }

#if defined(__GNUC__) && !defined(__clang__)
  // GCC keeps a std::source_location of every co_await in the frame, and no bare address.
  template <class A>
  A&& await_transform(A&& awaitable, const void* place = __builtin_source_location()) noexcept {
    static_assert(sizeof slot_.where == sizeof place);
    check_awaitable<A>();
    std::memcpy(static_cast<void*>(&slot_.where), &place, sizeof place);
    return std::forward<A>(awaitable);
  }
#else
  template <class A>
  A&& await_transform(A&& awaitable,
                      std::source_location place = std::source_location::current()) noexcept {
    check_awaitable<A>();
    slot_.where = place;
    return std::forward<A>(awaitable);
  }
#endif

  std::suspend_always initial_suspend() const noexcept { return {}; }

  EndAwaiter final_suspend() const noexcept { return {}; }

  /// The task that it runs in; only while it runs.
  TaskCore& task() const { return *running_loop()->current_task; }

 private:
  template <class A>
  static constexpr void check_awaitable() {
    static_assert(AioAwaitable<A>,
                  "only aio's awaitables can be awaited in a Coro: another Coro (once: co_await "
                  "std::move(coro)), a Future, a Task, sleep() and the like");
  }

  /// GCC's frames are a multiple of their alignment; not every compiler's are.
#if defined(__GNUC__) && !defined(__clang__)
  static constexpr std::size_t block_size(std::size_t size) { return size; }
#else
  static constexpr std::size_t block_size(std::size_t size) { return (size + 15) / 16 * 16; }
#endif
};

/// A coroutine's outcome: nothing yet, its result, or its exception.
template <class T>
class Promise : public PromiseBase {
 public:
  Promise() = default;
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;
  ~Promise() { drop_result(); }

  Coro<T> get_return_object(std::source_location begin = std::source_location::current());

  void unhandled_exception() noexcept {
    drop_result();
    this->set_outcome(this->has_exception);
    ::new (&this->slot_.exception) std::exception_ptr(std::current_exception());
  }

  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void return_value(U&& value) {
    if constexpr (in_slot) {
      T result(std::forward<U>(value));
      this->set_outcome(this->has_value);
      ::new (static_cast<void*>(this->slot_.result)) T(std::move(result));
    } else {
      drop_result();
      make_result(std::forward<U>(value));
      this->set_outcome(this->has_value);
    }
  }

  /// Its exception; only if `failed()`.
  bool failed() const { return this->has(this->has_exception); }
  const std::exception_ptr& exception() const { return this->slot_.exception; }
  T take() {
    if (failed()) std::rethrow_exception(this->slot_.exception);
    return std::move(result());
  }

 private:
  /// A result that needs no destructor takes no room of its own: after a `co_return` the coroutine
  /// may yet await something else, in a handler of what the destructor of one of its objects threw.
  static constexpr bool in_slot = fits_slot<T> && std::is_trivially_destructible_v<T> &&
                                  std::is_nothrow_move_constructible_v<T>;
  /// More alignment than usual would move the promise's place in the frame: the heap gives it.
  static constexpr bool in_heap = alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;

  using Kept = std::conditional_t<in_heap, std::unique_ptr<T>, T>;
  using KeptRoom = std::conditional_t<in_slot, NoRoom, Room<Kept>>;

  template <class U>
  void make_result(U&& value) {
    if constexpr (in_heap) {
      ::new (std::addressof(room_.value)) Kept(std::make_unique<T>(std::forward<U>(value)));
    } else {
      ::new (std::addressof(room_.value)) Kept(std::forward<U>(value));
    }
  }
  T& result() {
    if constexpr (in_slot) {
      return *std::launder(reinterpret_cast<T*>(this->slot_.result));
    } else if constexpr (in_heap) {
      return *room_.value;
    } else {
      return room_.value;
    }
  }
  void drop_result() noexcept {
    if constexpr (!in_slot) {
      if (!this->has(this->has_value)) return;
      std::destroy_at(std::addressof(room_.value));
      this->set_outcome(0);
    }
  }

  [[no_unique_address]] KeptRoom room_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  Coro<void> get_return_object(std::source_location begin = std::source_location::current());
  void unhandled_exception() noexcept {
    set_outcome(has_exception);
    ::new (&slot_.exception) std::exception_ptr(std::current_exception());
  }
  void return_void() const noexcept {}

  bool failed() const { return has(has_exception); }
  const std::exception_ptr& exception() const { return slot_.exception; }
  void take() const {
    if (failed()) std::rethrow_exception(slot_.exception);
  }
};

/// The one kind of coroutine that aio's awaitables can be awaited in.
template <class P>
concept PromiseOfCoro = std::is_base_of_v<PromiseBase, P>;

}  // namespace detail

/// A coroutine that has not started; a coroutine function of aio returns it.
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
      detail::LoopState& loop = *detail::running_loop();
      detail::CoroFrame& frame = coro_.frame_.promise();
      frame.start(caller.promise());
      loop.current_task->set_innermost(frame);
      loop.next = coro_.frame_;
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
  static_assert(alignof(Promise) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);  // see CoroFrame::handle
  slot_.where = begin;
  return Coro<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Coro<void> Promise<void>::get_return_object(std::source_location begin) {
  slot_.where = begin;
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
