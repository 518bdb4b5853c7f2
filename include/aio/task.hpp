#pragma once

#include <concepts>
#include <functional>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "aio/coro.hpp"
#include "aio/future.hpp"
#include "aio/task_options.hpp"

namespace aio {

namespace detail {

/// Whether it is a CancelledError.
bool is_cancellation(const std::exception_ptr& exception) noexcept;

/// A task with the room for its result. Its coroutine is the outermost one.
template <class T>
class TaskState final : public FutureState<T>, public TaskCore {
  static_assert(sizeof(FutureState<T>) == sizeof(FutureBase), "TaskCore stands right behind that");

 public:
  /// `options` may be null.
  static Ref<TaskState> start(LoopState& loop, Coro<T>&& coro, std::source_location made_at,
                              TaskOptions* options) {
    loop.require_open();
    require(static_cast<bool>(coro.frame_), "a task was made of a moved-from Coro");
    auto* const task = new TaskState(loop, coro.frame_.promise(), made_at);
    coro.frame_ = nullptr;
    try {
      task->TaskCore::start(loop, made_at, options);
    } catch (...) {
      task->release();
      task->release();
      throw;
    }
    return Ref<TaskState>::adopt(task);
  }

  bool cancel(const CancelledError& request) override { return request_cancel(request); }
  bool is_task() const override { return true; }
  std::string describe() const override { return "Task '" + name() + "'"; }
  const char* word() const noexcept override { return "task"; }
  TaskCore* as_task() noexcept override { return this; }

 private:
  /// With a reference for the loop and one for who makes it.
  TaskState(LoopState& loop, Promise<T>& outermost, const std::source_location& made_at)
      : FutureState<T>(loop, 2), TaskCore(loop, *this, outermost, made_at) {}
  ~TaskState() override {
    if (CoroFrame* const unstarted = innermost()) [[unlikely]]
      unstarted->handle().destroy();
    this->destroy_value();
  }
  void dispose() noexcept override {
    this->report_if_unseen();
    delete this;
  }

  void end_task(LoopState& loop) noexcept override {
    auto& promise = static_cast<Promise<T>&>(outermost());
    const auto frame = std::coroutine_handle<Promise<T>>::from_promise(promise);
    leave(loop);
    if (has_ended_simply()) [[likely]] {
      take_outcome(promise);
    } else {
      take_outcome_or_cancel(promise);
    }
    frame.destroy();
    if (loop.debug) [[unlikely]]
      report_swallowed_cancellation(*this);
    this->release();
  }

  // Rare steps stay out of line, and `end_task` short.
  [[gnu::noinline]] void take_outcome_or_cancel(Promise<T>& promise) noexcept {
    const std::unique_ptr<CancelledError> cancel = take_must_cancel();
    if (cancel && !promise.failed()) {
      this->finish_cancelled(*cancel);
    } else {
      take_outcome(promise);
    }
  }

  void take_outcome(Promise<T>& promise) noexcept {
    if (promise.failed()) [[unlikely]] {
      take_exception(promise.exception());
    } else if constexpr (std::is_void_v<T>) {
      this->finish_in(room_, std::monostate());
    } else {
      take_result(promise);
    }
  }

  [[gnu::noinline]] void take_exception(const std::exception_ptr& exception) noexcept {
    if (is_cancellation(exception)) {
      this->finish_cancelled(exception);
    } else {
      this->set_exception(exception);
    }
  }

  void take_result(Promise<T>& promise) noexcept {
    try {
      this->finish_in(room_, promise.take());
    } catch (...) {
      this->set_exception(std::current_exception());
    }
  }

  [[no_unique_address]] ResultRoom<T> room_;
};

template <class T>
struct CoroTraits : std::false_type {};
template <class T>
struct CoroTraits<Coro<T>> : std::true_type {
  using value_type = T;
};

template <class A>
concept IsCoro = CoroTraits<std::remove_cvref_t<A>>::value;
template <class A>
concept IsFuture = std::derived_from<std::remove_cvref_t<A>, AnyFuture> &&
                   requires { typename std::remove_cvref_t<A>::value_type; };

}  // namespace detail

/// A task of any type, with everything but its result. A handle; see Task.
class AnyTask : public AnyFuture {
 public:
  AnyTask() = default;
  explicit AnyTask(detail::TaskCore& core)
      : AnyFuture(detail::Ref<detail::FutureBase>(core.future())), core_(&core) {}

  /// How many cancellations were asked for and not taken back.
  unsigned cancelling() const { return core().cancelling(); }

  /// Takes one request back; the number that remains, never below 0. At 0 a request that was not
  /// delivered yet is revoked. It does not bring back a task that was cancelled.
  unsigned uncancel() const { return core().uncancel(); }

  /// `Task-<number>` unless it was named.
  std::string get_name() const { return core().name(); }
  void set_name(std::string name) const { core().set_name(std::move(name)); }
  void set_name(std::integral auto number) const { core().set_name(std::to_string(number)); }

  /// The task itself, for code that is built on tasks.
  detail::TaskCore& core() const {
    static_cast<void>(base());  // aborts if it is empty
    return *core_;
  }

 private:
  detail::TaskCore* core_ = nullptr;
};

/// A coroutine that the loop runs, beside all others; `create_task` makes it.
///
/// It is a handle: the loop owns the task until it ends, so dropping the handle is safe. It is a
/// Future: awaitable many times, with callbacks, and the same rules for its result. Its first step
/// is taken in the turn after it was made, or at once if it starts eagerly: see TaskOptions.
///
/// `cancel()` makes the innermost await of the task throw CancelledError in the next turn, or its
/// first await if it has not reached one; a task that has not started never runs. The task may
/// clean up, and even refuse: it is cancelled only when CancelledError leaves it. False if it is
/// done.
///
/// Only the loop's thread may use it.
template <class T = void>
class Task : public Future<T> {
 public:
  Task() = default;
  explicit Task(detail::Ref<detail::TaskState<T>> state)
      : Future<T>(detail::Ref<detail::FutureState<T>>(std::move(state))) {}

  operator AnyTask() const { return AnyTask(core()); }

  unsigned cancelling() const { return core().cancelling(); }
  unsigned uncancel() const { return core().uncancel(); }
  std::string get_name() const { return core().name(); }
  void set_name(std::string name) const { core().set_name(std::move(name)); }
  void set_name(std::integral auto number) const { core().set_name(std::to_string(number)); }

  friend bool operator==(const Task&, const Task&) = default;

  /// The task itself, for code that is built on tasks.
  detail::TaskState<T>& core() const { return static_cast<detail::TaskState<T>&>(this->base()); }
};

namespace detail {

/// The type that awaiting an A gives.
template <class A>
using AwaitResult = std::decay_t<decltype(std::declval<A>().operator co_await().await_resume())>;

template <class A>
concept Awaitable = requires(A awaitable) { std::move(awaitable).operator co_await(); };

template <Awaitable A>
Coro<AwaitResult<A>> as_coro(A awaitable) {
  co_return co_await std::move(awaitable);
}

/// Calls a coroutine function inside a coroutine whose frame holds the function, and the arguments
/// until they are moved on.
template <class F, class... Args>
auto invoke_coro(F f, Args... args) -> std::invoke_result_t<F&, std::unwrap_reference_t<Args>...> {
  co_return co_await std::invoke(f, static_cast<std::unwrap_reference_t<Args>&&>(args)...);
}

/// A coroutine function that takes these arguments as they are stored: a reference is one that was
/// given as std::ref.
template <class F, class... Args>
concept CoroFunction = requires(F& f) {
  { std::invoke(f, std::declval<Args>()...) } -> IsCoro;
};

/// An awaitable as a future on `loop`: a coroutine becomes a task, a future stays what it is.
/// `options` may be null. Throws ValueError if the future belongs to another loop.
template <class A>
auto ensure_future(LoopState& loop, A&& awaitable, std::source_location made_at = {},
                   TaskOptions* options = nullptr) {
  if constexpr (IsFuture<A>) {
    if (&awaitable.state()->loop() != &loop) {
      throw ValueError("the future belongs to a different loop than the one specified");
    }
    return std::decay_t<A>(std::forward<A>(awaitable));
  } else {
    static_assert(std::is_rvalue_reference_v<A&&>, "a Coro is awaited once: pass std::move(coro)");
    if constexpr (IsCoro<A>) {
      using T = typename CoroTraits<A>::value_type;
      return Task<T>(TaskState<T>::start(loop, std::move(awaitable), made_at, options));
    } else {
      static_assert(Awaitable<A>, "an aio awaitable is needed: a Coro, a Future, a Task, sleep()");
      return ensure_future(loop, as_coro(std::move(awaitable)), made_at, options);
    }
  }
}

template <class A>
using FutureOf = decltype(ensure_future(std::declval<LoopState&>(), std::declval<A>()));

}  // namespace detail

/// Makes a task of a coroutine on the running loop; also of another awaitable, such as `sleep(1s)`.
/// It starts in the next turn, unless it is to start eagerly. Throws RuntimeError where no loop
/// runs.
template <class A>
  requires(!std::is_lvalue_reference_v<A> && detail::Awaitable<A> && !detail::IsFuture<A>)
auto create_task(A&& awaitable, std::source_location made_at = std::source_location::current()) {
  return detail::ensure_future(detail::require_running_loop(), std::forward<A>(awaitable), made_at);
}

/// The same with options: its name, `create_task(work(), "worker")`, or more: see TaskOptions.
template <class A>
  requires(!std::is_lvalue_reference_v<A> && detail::Awaitable<A> && !detail::IsFuture<A>)
auto create_task(A&& awaitable, TaskOptions options,
                 std::source_location made_at = std::source_location::current()) {
  return detail::ensure_future(detail::require_running_loop(), std::forward<A>(awaitable), made_at,
                               &options);
}

/// The same for a coroutine function and its arguments, which are copied into the task: nothing it
/// is given can dangle. A reference needs std::ref. A lambda with captures is safe here; but GCC 12
/// destroys a temporary one twice in an expression that awaits, so name it first there.
template <class F, class... Args>
  requires detail::CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
auto create_task(TaskOptions options, F&& f, Args&&... args) {
  return create_task(detail::invoke_coro<std::decay_t<F>, std::decay_t<Args>...>(
                         std::forward<F>(f), std::forward<Args>(args)...),
                     std::move(options), std::source_location());
}
template <class F, class... Args>
  requires detail::CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
auto create_task(F&& f, Args&&... args) {
  return create_task(detail::invoke_coro<std::decay_t<F>, std::decay_t<Args>...>(
                         std::forward<F>(f), std::forward<Args>(args)...),
                     std::source_location());
}

/// The task that is running; empty inside a plain callback. Throws RuntimeError where no loop runs.
AnyTask current_task();

/// The tasks of the running loop, or of `loop`, that have not ended, oldest first.
std::vector<AnyTask> all_tasks();
std::vector<AnyTask> all_tasks(EventLoop& loop);

}  // namespace aio
