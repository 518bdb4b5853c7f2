#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

#include "aio/detail/process_call.hpp"
#include "aio/executor.hpp"
#include "aio/future.hpp"
#include "aio/handle.hpp"
#include "aio/task.hpp"
#include "aio/time.hpp"

struct uv_loop_s;  // uv_loop_t

namespace aio {

/// Says that a loop belongs to another owner: `EventLoop(borrowed, loop)`.
struct Borrowed {};
inline constexpr Borrowed borrowed{};

namespace detail {
class LoopCore;

/// A function that may be a callback: callable with the arguments, and no coroutine function, whose
/// coroutine nobody would await.
template <class F, class... Args>
concept CallbackFunction = std::invocable<std::decay_t<F>, std::decay_t<Args>...> &&
                           !IsCoro<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;

/// The same for a callback that is called many times.
template <class F, class... Args>
concept RepeatedFunction = std::copy_constructible<std::decay_t<F>> &&
                           (std::copy_constructible<std::decay_t<Args>> && ...) &&
                           std::invocable<std::decay_t<F>&, std::decay_t<Args>&...> &&
                           !IsCoro<std::invoke_result_t<std::decay_t<F>&, std::decay_t<Args>&...>>;
}  // namespace detail
namespace testing {
struct VirtualTime;
class Seed;
}  // namespace testing

class Runner;

/// Called for errors that reach no caller: a callback threw, a failed task was dropped unseen.
using ExceptionHandler = std::function<void(EventLoop&, const ExceptionContext&)>;

/// asyncio's event loop on a `uv_loop_t` of its own: it runs callbacks and tasks on the thread that
/// calls `run_until_complete` or `run_forever`, one at a time.
///
/// Several loops may exist, one running per thread. Everything here is for the loop's own thread,
/// but `call_soon_threadsafe`, which any thread may call while the loop is not destroyed. After
/// `close` every call that schedules, runs or registers throws RuntimeError.
///
/// There are 65 536 at most, and one more is a RuntimeError. A loop that is destroyed counts for as
/// long as a Future or a Task of it is kept.
class EventLoop {
 public:
  EventLoop();
  /// A loop whose clock jumps: see testing.hpp.
  explicit EventLoop(testing::VirtualTime);
  EventLoop(testing::VirtualTime, testing::Seed);
  /// On a `uv_loop_t` that somebody else owns, who keeps it for as long as this is not closed.
  ///
  /// Either may run it. While the owner does, with `uv_run`, the loop makes one turn each time that
  /// libuv has polled; `uv_run` goes on while the loop has tasks, callbacks, timers or pool work.
  /// `stop` is not for that. While this runs it, the owner's handles are served too.
  ///
  /// `close` takes out what this has put in, and nothing else; libuv lets go of it when the loop
  /// is run the next time. It has to run the loop where tasks or pool work are left, and then must
  /// not be called from inside the owner's `uv_run`.
  ///
  /// A child that was forked off must leave it alone, after `uv_loop_fork` too: the descriptors
  /// that wake it are shared with the parent, and either would take the other's wake-ups.
  EventLoop(Borrowed, uv_loop_s* loop);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  /// Closes.
  ~EventLoop();

  // --- Running

  /// Runs until `awaitable` is done, and returns its result or throws its exception. A
  /// coroutine becomes a task first. Throws RuntimeError if this loop or another one runs on this
  /// thread (the coroutine has not started then), or if `stop` came first (the task stays pending
  /// and can be run again); ValueError for another loop's future.
  template <class A>
    requires detail::Awaitable<std::decay_t<A>>
  auto run_until_complete(A&& awaitable);

  /// Runs until `stop` is called; if it was called before, makes exactly one turn.
  void run_forever();

  /// Makes the run end after the turn that it is in.
  void stop();

  bool is_running() const;
  bool is_closed() const;

  /// Cancels tasks that are left, waits for their end and reports them by name; withdraws queued
  /// pool work, asks running pool work to stop and waits for it; removes all handlers; frees
  /// everything. Closing twice does nothing. Throws RuntimeError while it runs. A borrowed
  /// `uv_loop_t` is run meanwhile as far as all this takes, so its callbacks must not call it.
  void close();

  // --- Callbacks

  /// Has `f(args…)` called in the next turn; in the order of the calls. What it throws goes to the
  /// exception handler. Arguments are copied; a reference needs std::ref.
  template <class F, class... Args>
    requires detail::CallbackFunction<F, Args...>
  Handle call_soon(F&& f, Args&&... args);

  /// The same from any thread; wakes the loop. The handle too may be used from any thread. The
  /// order with `call_soon` is kept for calls from inside the running loop.
  template <class F, class... Args>
    requires detail::CallbackFunction<F, Args...>
  Handle call_soon_threadsafe(F&& f, Args&&... args);

  /// Has `f(args…)` called once `delay` has passed, never early. Equal times are called in the
  /// order of the calls.
  template <class Rep, class Period, class F, class... Args>
    requires detail::CallbackFunction<F, Args...>
  TimerHandle call_later(std::chrono::duration<Rep, Period> delay, F&& f, Args&&... args);

  /// The same at `when` on the loop's clock.
  template <class F, class... Args>
    requires detail::CallbackFunction<F, Args...>
  TimerHandle call_at(TimePoint when, F&& f, Args&&... args);

  /// The time on the loop's clock, which is Clock unless it is virtual.
  TimePoint time() const;

  // --- Tasks and futures

  template <class T = void>
  Future<T> create_future();

  /// Makes a task on this loop; it starts when the loop runs. See aio::create_task.
  template <class A>
    requires(!std::is_lvalue_reference_v<A> && detail::Awaitable<A> && !detail::IsFuture<A>)
  auto create_task(A&& awaitable, std::source_location made_at = std::source_location::current());
  template <class A>
    requires(!std::is_lvalue_reference_v<A> && detail::Awaitable<A> && !detail::IsFuture<A>)
  auto create_task(A&& awaitable, TaskOptions options,
                   std::source_location made_at = std::source_location::current());
  template <class F, class... Args>
    requires detail::CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
  auto create_task(F&& f, Args&&... args);
  template <class F, class... Args>
    requires detail::CoroFunction<std::decay_t<F>, std::unwrap_ref_decay_t<Args>...>
  auto create_task(TaskOptions options, F&& f, Args&&... args);

  /// Has `factory` look at the options of every task that is made on this loop;
  /// `set_task_factory(aio::eager_task_factory)` makes them all start eagerly. An empty one changes
  /// nothing.
  void set_task_factory(TaskFactory factory);
  const TaskFactory& get_task_factory() const;

  // --- Threads

  /// Runs `f(args…)` on `executor` and gives a future of its result. If `f` takes a std::stop_token
  /// first, it sees there that the future was cancelled. Cancelling withdraws work that has not
  /// started; work that runs goes on, keeps what it was given alive, and its result goes nowhere.
  template <class F, class... Args>
    requires detail::PoolFunction<F, Args...>
  auto run_in_executor(const ThreadPoolExecutor& executor, F&& f, Args&&... args);

  /// The same with a priority, or with a say in what cancelling does.
  template <class F, class... Args>
    requires detail::PoolFunction<F, Args...>
  auto run_in_executor(const ThreadPoolExecutor& executor, PoolOptions options, F&& f,
                       Args&&... args);

  /// The same on the default executor, which is made when first needed: min(32, CPUs + 4) workers,
  /// or as many as the pool has left.
  template <class F, class... Args>
    requires detail::PoolFunction<F, Args...>
  auto run_in_executor(std::nullptr_t, F&& f, Args&&... args);
  template <class F, class... Args>
    requires detail::PoolFunction<F, Args...>
  auto run_in_executor(std::nullptr_t, PoolOptions options, F&& f, Args&&... args);

  /// Calls `f(args…)` in a worker process and gives a future of its result; `f` is what
  /// `process_function` made. Arguments are written out at once, and what a Serializer throws comes
  /// from here. Cancelling withdraws a call that has not started, and kills the worker of one that
  /// has. Defined in process_pool_executor.hpp.
  template <class R, class... Params, class... Args>
    requires detail::ProcessArguments<std::tuple<Params...>, Args...>
  Future<R> run_in_executor(const ProcessPoolExecutor& executor,
                            const ProcessFunction<R(Params...)>& f, Args&&... args);
  template <class R, class... Params, class... Args>
    requires detail::ProcessArguments<std::tuple<Params...>, Args...>
  Future<R> run_in_executor(const ProcessPoolExecutor& executor, PoolOptions options,
                            const ProcessFunction<R(Params...)>& f, Args&&... args);

  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  detail::MakeItKnownWithProcessFunction run_in_executor(const ProcessPoolExecutor& executor, F&& f,
                                                         Args&&... args) = delete;
  template <class Executor, class F, class... Args>
    requires detail::CoroutineFunction<F, Args...>
  detail::AwaitTheCoroutineOnTheLoopInstead run_in_executor(const Executor& executor, F&& f,
                                                            Args&&... args) = delete;
  template <class Executor, class F, class... Args>
    requires detail::CoroutineFunction<F, Args...>
  detail::AwaitTheCoroutineOnTheLoopInstead run_in_executor(const Executor& executor,
                                                            PoolOptions options, F&& f,
                                                            Args&&... args) = delete;

  void set_default_executor(ThreadPoolExecutor executor);

  /// Resumes when the default executor has no work left; from the call on it accepts none. With a
  /// `timeout`, warns through the exception handler and goes on when it has passed.
  Coro<void> shutdown_default_executor(std::optional<Duration> timeout = {});

  // --- Signals

  /// Has `f(args…)` called in the loop for every `signal`; replaces a former handler. The returned
  /// handle's `cancel` takes it away when the signal next comes. Throws ValueError for a number
  /// that is no signal, RuntimeError for one that cannot be caught.
  template <class F, class... Args>
    requires detail::RepeatedFunction<F, Args...>
  Handle add_signal_handler(int signal, F&& f, Args&&... args);

  /// Restores the default action of the signal. False if there was no handler.
  bool remove_signal_handler(int signal);

  // --- File descriptors

  /// Has `f(args…)` called whenever `fd` is readable (also: at its end, in error); replaces a
  /// former reader. The descriptor stays the caller's, becomes non-blocking, and must be removed
  /// before it is closed. Throws std::system_error (operation_not_permitted) for what cannot be
  /// polled, such as a regular file.
  template <class F, class... Args>
    requires detail::RepeatedFunction<F, Args...>
  void add_reader(int fd, F&& f, Args&&... args);
  bool remove_reader(int fd);
  template <class F, class... Args>
    requires detail::RepeatedFunction<F, Args...>
  void add_writer(int fd, F&& f, Args&&... args);
  bool remove_writer(int fd);

  // --- Errors

  /// Replaces the exception handler; an empty one restores the default, which prints on standard
  /// error. A handler that throws is itself reported by the default one.
  void set_exception_handler(ExceptionHandler handler);
  const ExceptionHandler& get_exception_handler() const;
  void call_exception_handler(const ExceptionContext& context) noexcept;
  void default_exception_handler(const ExceptionContext& context) noexcept;

  // --- Debugging

  /// In debug mode the loop reports, through the exception handler: a step or callback that takes
  /// longer than `slow_callback_duration`, a coroutine that goes without having run, a task that
  /// was cancelled and ended as if it had not been. And what only the loop's own thread may call
  /// throws RuntimeError on another one while the loop runs. Off unless the environment has
  /// AIO_DEBUG=1 when the loop is made.
  void set_debug(bool enabled);
  bool get_debug() const;
  /// 0.1 s unless set.
  void set_slow_callback_duration(Duration duration);
  Duration get_slow_callback_duration() const;

  /// Turns made since the loop was made.
  std::uint64_t turn_count() const;

  /// The shared state, for code that is built on the loop.
  detail::LoopState& state() const;

 private:
  friend class Runner;
  void hold_owner();
  void require_can_run() const;
  void run_until_done(detail::FutureBase& future);
  void schedule(detail::Ref<detail::Callback> callback);
  void schedule_threadsafe(detail::Ref<detail::Callback> callback);
  void schedule_at(detail::TimerCallback& callback);
  Handle set_signal_handler(int signal, std::function<void()> handler);
  void set_reader(int fd, std::function<void()> reader);
  void set_writer(int fd, std::function<void()> writer);
  detail::PoolQueue& default_queue();

  detail::Ref<detail::LoopCore> core_;
};

/// The loop that runs on this thread. Throws RuntimeError if none does.
EventLoop& get_running_loop();

}  // namespace aio

#include "aio/detail/event_loop_templates.hpp"  // IWYU pragma: export
