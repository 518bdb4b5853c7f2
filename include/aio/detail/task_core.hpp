#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <source_location>
#include <string>

#include "aio/detail/future_state.hpp"
#include "aio/task_options.hpp"

namespace aio {
class Timeout;
}

namespace aio::detail {

/// A coroutine that has started, as inspection sees it.
struct CoroFrame {
  std::source_location where;   ///< its last co_await; before the first, where it is defined
  CoroFrame* caller = nullptr;  ///< the coroutine that awaits it; null for a task's outermost
};

/// In debug mode, reports a coroutine that goes without having run.
void report_never_awaited(const CoroFrame& frame) noexcept;

/// What a suspended task waits for.
class Waiter {
 public:
  /// What it waits for, in one word for inspection: "sleep", "lock". A signal handler may ask, so
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

/// What all tasks have in common: a coroutine that the loop runs step by step.
///
/// A step resumes the innermost suspended coroutine and ends when one suspends on something that is
/// not there yet. Coroutines that await each other do not resume each other: they leave the handle
/// in `next`, and the step's own loop resumes it. So the stack stays flat however many awaits
/// complete at once, on compilers and at optimisation levels that do not make symmetric transfer a
/// tail call too.
class TaskCore : public Runnable {
 public:
  virtual FutureBase& future() noexcept = 0;
  LoopState& loop() noexcept { return future().loop(); }

  // --- What coroutines and awaiters call.

  /// The coroutine to resume next, within this step.
  std::coroutine_handle<> next;

  /// The innermost coroutine that has started and not ended; null once all have.
  CoroFrame* innermost = nullptr;

  /// The calling coroutine, `leaf`, suspends until somebody makes the task ready. If a cancellation
  /// is waiting to be delivered, `waiter` (may be null: cannot be cancelled) is asked for it now.
  void suspend(std::coroutine_handle<> leaf, Waiter* waiter);

  /// First thing after a suspension: throws CancelledError if a cancellation is to be delivered. A
  /// wait that was itself cancelled gives `own`, what it was cancelled with: that is thrown, and
  /// what was asked for after it counts as delivered with it.
  void throw_if_cancelled(const CancelledError* own = nullptr);

  /// The same after a wait for `awaited`, which is done: what cancelled it is its own.
  void throw_if_cancelled(FutureBase& awaited);

  // --- What Task<T> and the loop call.

  bool request_cancel(const CancelledError& request);
  unsigned cancelling() const { return cancelling_; }
  unsigned uncancel();

  /// For a scope that may cancel the task that it runs in: how many requests, when it is entered,
  /// are over and done with. None is if one has yet to be delivered.
  unsigned settled_cancels() const { return must_cancel_ ? 0 : cancelling_; }
  /// Takes the scope's own request back. True if no other came since it was entered with `settled`
  /// ones; what has yet to be delivered is the scope's own then, and is revoked.
  bool end_own_cancel(unsigned settled);

  std::string name() const;
  void set_name(std::string name);

  // --- What inspection reads, in a signal handler too.

  std::uint64_t number() const { return number_; }
  /// The name that was set; empty if none was. Null while it is being set.
  const std::string* given_name() const { return name_changing_ ? nullptr : &name_; }
  const Waiter* waiter() const { return waiter_; }
  bool has_started() const { return started_; }
  TimePoint made_when() const { return made_when_; }
  /// Where it was made; its line is 0 if that is not known.
  std::source_location made_at;
  /// The last request to cancel it, if `cancelling()` is not 0.
  const CancelledError& last_request() const { return last_request_; }

  /// A scope that has expired, until the task takes its next step; see Timeout.
  const Timeout* expired_timeout = nullptr;

  TaskCore* previous_task = nullptr;  // the loop's list of tasks
  TaskCore* next_task = nullptr;

  void run() noexcept final;
  void discard() noexcept final {}
  TaskCore* stepping_task() noexcept final { return this; }

 protected:
  explicit TaskCore(std::coroutine_handle<> root) : leaf_(root) {}
  ~TaskCore() = default;

  /// Enters the task into its loop, which owns it until it ends, and schedules its first step, or
  /// takes it. The caller has a reference of its own.
  void start(TaskOptions options);

  /// The first step was never taken: no body runs.
  virtual void finish_unstarted(CancelledError error) noexcept = 0;
  /// Whether the body has ended, and if so: moves its outcome into the future; if `cancel` is not
  /// null the outcome is dropped for it.
  virtual bool finish_if_ended(const CancelledError* cancel) noexcept = 0;

 private:
  void leave_loop() noexcept;
  /// Asks what it waits for to wake it with `request`; whether that will.
  bool cancel_wait(const CancelledError& request);

  std::coroutine_handle<> leaf_;  // where the next step goes on
  Waiter* waiter_ = nullptr;
  ContextCell context_;  // a copy of the maker's, unless one was given
  Ref<ContextObject> given_context_;
  std::unique_ptr<CancelledError> must_cancel_;  // asked for, not delivered
  std::string name_;                             // empty: by number
  std::uint64_t number_ = 0;
  TimePoint made_when_{};
  CancelledError last_request_;
  unsigned cancelling_ = 0;
  bool started_ = false;
  volatile bool name_changing_ = false;
  bool cancelling_wait_ = false;
};

/// The request that `cancel(message)` makes: it carries who asks.
CancelledError make_cancel_request(std::string message);

}  // namespace aio::detail
