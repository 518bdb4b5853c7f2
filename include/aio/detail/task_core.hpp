#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <source_location>
#include <string>

#include "aio/detail/block_pool.hpp"
#include "aio/detail/coro_frame.hpp"
#include "aio/detail/future_state.hpp"
#include "aio/detail/task_list.hpp"
#include "aio/task_options.hpp"

namespace aio {
class Timeout;
}

namespace aio::detail {

/// The thing that a suspended task waits for.
class Waiter {
 public:
  /// Its kind, in one word for inspection: "sleep", "lock". A signal handler may ask, so
  /// this and the next one only read.
  virtual const char* word() const noexcept { return "wait"; }
  /// The future that it waits for; null if it is none.
  virtual FutureBase* awaited_future() const noexcept { return nullptr; }

  /// Asked once by `cancel()`: true if this will wake the task with a CancelledError; false if it
  /// is about to wake it anyway.
  virtual bool cancel(const CancelledError& request) = 0;

 protected:
  ~Waiter() = default;
};

/// The part that few tasks need: made when it is first needed.
struct TaskExtra {
  static void* operator new(std::size_t size) { return allocate_block(size); }
  static void operator delete(void* extra, std::size_t size) noexcept { free_block(extra, size); }

  std::source_location made_at;
  std::string name;  // empty: by number
  volatile bool name_changing = false;
  ContextCell context;  // a copy of the maker's, unless one was given
  Ref<ContextObject> given_context;
  std::unique_ptr<CancelledError> must_cancel;  // asked for, not delivered
  CancelledError last_request;
  unsigned cancelling = 0;
  const Timeout* expired_timeout = nullptr;
};

/// Tasks are numbered in the order of their making. A thread takes numbers in small lots: one that
/// makes tasks beside others leaves gaps.
struct TaskNumbers {
  std::uint64_t next;
  std::uint64_t end;
};
inline constinit thread_local TaskNumbers task_numbers{};
void take_task_numbers() noexcept;
inline std::uint64_t next_task_number() noexcept {
  if (task_numbers.next == task_numbers.end) [[unlikely]]
    take_task_numbers();
  return task_numbers.next++;
}

/// The common part of all tasks: a coroutine that the loop runs step by step.
///
/// A step resumes the innermost suspended coroutine and ends when one suspends on something that is
/// not there yet. Coroutines that await each other do not resume each other: they leave the handle
/// in the loop's `next`, and the step resumes it. So the stack stays flat however many awaits
/// complete at once, on compilers and at optimisation levels that do not make symmetric transfer a
/// tail call too.
///
/// It is a part of a TaskState, behind the future; as there are many tasks it is kept small, and
/// what the future keeps once it is done, its outcome, stands where the task keeps its innermost
/// coroutine.
class TaskCore : public TaskLink {
 public:
  TaskCore(const TaskCore&) = delete;
  TaskCore& operator=(const TaskCore&) = delete;

  /// It stands right before.
  FutureBase& future() noexcept {
    return *reinterpret_cast<FutureBase*>(reinterpret_cast<char*>(this) - sizeof(FutureBase));
  }
  const FutureBase& future() const noexcept {
    return *reinterpret_cast<const FutureBase*>(reinterpret_cast<const char*>(this) -
                                                sizeof(FutureBase));
  }
  LoopState& loop() const noexcept { return future().loop(); }

  // --- For coroutines and awaiters.

  /// The innermost coroutine that has started and not ended; null once all have.
  CoroFrame* innermost() const { return flags_ & has_ended ? nullptr : future().slot_.innermost; }
  void set_innermost(CoroFrame& frame) noexcept {
    std::atomic_signal_fence(std::memory_order_release);  // a signal handler may walk the frames
    future().slot_.innermost = &frame;
  }
  /// The outermost coroutine has.
  void set_ended() noexcept { flags_ |= has_ended; }

  /// The task suspends until somebody makes it ready. If a cancellation is waiting to be delivered,
  /// `waiter` (may be null: cannot be cancelled) is asked for it now.
  void suspend(Waiter* waiter) {
    waiter_ = waiter;
    if (flags_ & has_must_cancel) [[unlikely]]
      deliver_cancel();
  }

  /// First thing after a suspension: throws CancelledError if a cancellation is to be delivered. A
  /// wait that was itself cancelled gives `own`, what it was cancelled with: that is thrown, and
  /// what was asked for after it counts as delivered with it.
  void throw_if_cancelled(const CancelledError* own = nullptr) {
    if ((flags_ & has_must_cancel) || own) [[unlikely]]
      throw_cancelled(own);
  }

  /// The same after a wait for `awaited`, which is done: what cancelled it is its own.
  void throw_if_cancelled(FutureBase& awaited) {
    if (flags_ & has_must_cancel) [[unlikely]]
      throw_cancelled(awaited);
  }

  /// It was made ready, and is to go on waiting instead of taking that turn.
  void put_back() noexcept { flags_ |= is_put_back; }
  /// Gives that turn back; false if it has none.
  bool end_put_back() noexcept {
    if (!(flags_ & is_put_back)) [[likely]]
      return false;
    set_flag(is_put_back, false);
    return true;
  }

  // --- For Task<T> and the loop.

  bool request_cancel(const CancelledError& request);
  unsigned cancelling() const { return extra() ? extra()->cancelling : 0; }
  unsigned uncancel();

  /// For a scope that may cancel the task that it runs in: how many requests, when it is entered,
  /// are over and done with. None is if one has yet to be delivered.
  unsigned settled_cancels() const { return flags_ & has_must_cancel ? 0 : cancelling(); }
  /// Takes the scope's own request back. True if no other came since it was entered with `settled`
  /// ones; what has yet to be delivered is the scope's own then, and is revoked.
  bool end_own_cancel(unsigned settled);

  std::string name() const;
  void set_name(std::string name);

  /// A scope that has expired, until the task takes its next step; see Timeout.
  const Timeout* expired_timeout() const { return extra() ? extra()->expired_timeout : nullptr; }
  void set_expired_timeout(const Timeout* timeout);

  /// The task's own context, from now on: it ran in one that is empty.
  ContextCell& make_context();

  /// Takes a step, wherever, also inside another task's.
  void run() noexcept;
  /// The same for the loop, which sees to `current_task` and to the context afterwards: false if
  /// the task needs more than that, and was left alone.
  bool run_simply(LoopState& loop, ContextCell* outside) noexcept {
    if (flags_ & not_simple) [[unlikely]]
      return false;
    loop.current_task = this;
    entered_context = flags_ & has_context ? &context() : &no_context;
    resume(loop);
    if (flags_ & has_ended) {
      loop.current_task = nullptr;
      entered_context = outside;
      future().end_task(loop);
    }
    return true;
  }

  // --- For inspection, in a signal handler too.

  std::uint64_t number() const { return std::uint64_t{number_high_} << 32 | number_low_; }
  /// The name that was set; null if none was, or one is being set.
  const std::string* given_name() const {
    const TaskExtra* const more = extra();
    return more && !more->name_changing && !more->name.empty() ? &more->name : nullptr;
  }
  const Waiter* waiter() const { return waiter_; }
  bool has_started() const { return (flags_ & has_begun) != 0; }
  TimePoint made_when() const;
  /// Where it was made; its line is 0 if that is not known.
  std::source_location made_at() const;
  /// The last request to cancel it; only if `cancelling()` is not 0.
  const CancelledError& last_request() const { return extra()->last_request; }

 protected:
  TaskCore(LoopState& loop, FutureBase& future, CoroFrame& outermost,
           const std::source_location& made_at)
      : origin_(small_place(made_at)) {
    require(&this->future() == &future, "a task does not stand behind its future");
    outermost.start_outermost(loop.turn_time);
    future.slot_.innermost = &outermost;
  }
  ~TaskCore() {
    if (origin_ & has_extra) [[unlikely]]
      delete_extra();
  }

  /// Enters the task into its loop, which owns it until it ends, and schedules its first step, or
  /// takes it. The caller has a reference of its own beside the loop's. `options` may be null.
  /// Throws what a task factory throws, or std::bad_alloc; it is not entered then.
  void start(LoopState& loop, std::source_location made_at, TaskOptions* options) {
    if (options || loop.task_factory || !is_context_empty()) [[unlikely]] {
      return start_with(loop, made_at, options);
    }
    if constexpr (!is_place_small) set_origin(made_at);
    loop.ready.push(*this);  // may throw: then the task is not entered
    enter(loop);
  }

  // --- For the end of a TaskState.

  /// The only coroutine that is left.
  CoroFrame& outermost() noexcept { return *future().slot_.innermost; }
  /// Whether no more is to be looked at than what the outermost coroutine ended with.
  bool has_ended_simply() const { return (flags_ & (has_begun | has_must_cancel)) == has_begun; }
  /// What the outcome is dropped for, if that is not null; not null if the task has not started.
  std::unique_ptr<CancelledError> take_must_cancel() noexcept;
  void leave(LoopState& loop) noexcept {
    // A signal handler looks at what is in the list: its coroutines have to be there.
    loop.tasks.remove(*this);
    flags_ |= has_ended;
  }

 private:
  static constexpr std::uint8_t has_begun = 1;
  static constexpr std::uint8_t has_ended = 2;
  static constexpr std::uint8_t has_must_cancel = 4;
  static constexpr std::uint8_t has_context = 8;  // that is not empty
  static constexpr std::uint8_t has_expired_timeout = 16;
  static constexpr std::uint8_t is_cancelling_wait = 32;
  static constexpr std::uint8_t is_put_back = 64;
  static constexpr std::uint8_t not_simple = has_must_cancel | has_expired_timeout | is_put_back;

  void set_flag(std::uint8_t flag, bool on) noexcept;
  ContextCell& context() noexcept;
  // Nothing is written that need not be: it is stores that a switch between tasks waits for.
  void resume(LoopState& loop) noexcept {
    if (!(flags_ & has_begun)) [[unlikely]]
      flags_ |= has_begun;
    waiter_ = nullptr;
    leaf().resume();
    while (const std::coroutine_handle<> next = loop.next) {
      loop.next = nullptr;
      next.resume();
    }
  }
  std::coroutine_handle<> leaf() noexcept { return future().slot_.innermost->handle(); }
  static bool is_context_empty() noexcept {
    return entered_context ? !entered_context->values : !thread_context().values;
  }
  /// Gives it its number and puts it into the loop's list.
  void enter(LoopState& loop) noexcept {
    const std::uint64_t number = next_task_number();
    number_low_ = static_cast<std::uint32_t>(number);
    number_high_ = static_cast<std::uint16_t>(number >> 32);
    loop.tasks.add(*this);
  }
  void set_origin(const std::source_location& made_at) {
    if constexpr (is_place_small) {
      origin_ = small_place(made_at);
    } else {
      make_extra().made_at = made_at;
    }
  }
  /// What stands for the place without room of its own; nothing if it needs some. It is the address
  /// of an object of several words, whose lowest bit is free.
  static std::uintptr_t small_place(const std::source_location& made_at) {
    std::uintptr_t place = 0;
    if constexpr (is_place_small) std::memcpy(&place, &made_at, sizeof place);
    return place;
  }
  void start_with(LoopState& loop, std::source_location made_at, TaskOptions* options);
  void deliver_cancel();
  void set_must_cancel(std::unique_ptr<CancelledError> request) noexcept;
  [[noreturn]] void throw_cancelled(const CancelledError* own);
  void throw_cancelled(FutureBase& awaited);
  /// Asks what it waits for to wake it with `request`; whether that will.
  bool cancel_wait(const CancelledError& request);

  TaskExtra* extra() const {
    return origin_ & has_extra ? reinterpret_cast<TaskExtra*>(origin_ - has_extra) : nullptr;
  }
  TaskExtra& make_extra();
  void delete_extra() noexcept;
  static constexpr std::uintptr_t has_extra = 1;
  /// Where the library's source_location is one address it is kept as such.
  static constexpr bool is_place_small = sizeof(std::source_location) == sizeof(std::uintptr_t);

  Waiter* waiter_ = nullptr;
  std::uintptr_t origin_;     // the std::source_location where it was made, or a TaskExtra
  std::uint32_t number_low_;  // from its start on
  std::uint16_t number_high_;
  std::uint8_t flags_ = 0;
};

inline TaskCore& TaskList::Iterator::operator*() const { return static_cast<TaskCore&>(*link_); }

/// Reports a task that was cancelled, and has ended with a result.
void report_swallowed_cancellation(TaskCore& task);

/// The request that `cancel(message)` makes: it carries who asks.
CancelledError make_cancel_request(std::string message);

}  // namespace aio::detail
