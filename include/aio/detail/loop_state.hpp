#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <thread>

#include "aio/detail/ready_queue.hpp"
#include "aio/detail/ref.hpp"
#include "aio/detail/timer_heap.hpp"
#include "aio/task_options.hpp"
#include "aio/time.hpp"

namespace aio {

class EventLoop;

/// What an exception handler is told.
struct ExceptionContext {
  std::string message;           ///< what happened, in one sentence
  std::exception_ptr exception;  ///< what was thrown; may be empty
  std::string source;            ///< the task, future or callback that it came from
};

namespace detail {

class TaskCore;

/// What of a loop is not the kernel's: what is ready, what is due when, which tasks live. Futures
/// and tasks keep it alive, so that a handle which outlives its loop finds a closed one, not freed
/// memory.
///
/// Only the loop's thread may touch it, but `report`, which any thread may call.
class LoopState : public RefCounted {
 public:
  ReadyQueue ready;
  TimerHeap timers;
  TaskCore* current_task = nullptr;
  EventLoop* event_loop = nullptr;  ///< empty once the loop is destroyed
  TaskFactory task_factory;
  bool debug = false;
  Duration slow_callback_duration = std::chrono::milliseconds(100);
  TimePoint turn_time{};  ///< when the turn began, or the wait in it ended

  virtual TimePoint now() const = 0;
  virtual bool is_running() const { return false; }
  bool is_closed() const { return closed_; }

  /// Gives `runnable` its turn; where the loop is closed it never gets one, and is told so.
  void make_ready(Runnable& runnable) {
    if (closed_) return runnable.discard();
    ready.push(runnable);
  }

  /// Throws RuntimeError if the loop is closed; in debug mode also as `require_own_thread` does.
  void require_open() const;

  /// In debug mode, throws RuntimeError where the loop runs on another thread.
  void require_own_thread() const {
    if (debug) [[unlikely]]
      check_thread();
  }
  bool is_own_thread() const { return thread_ == std::this_thread::get_id(); }

  /// Hands `context` to the loop's exception handler; to standard error where none can be asked:
  /// from another thread, and once the loop is closed.
  void report(const ExceptionContext& context) noexcept;

  /// All tasks that have not ended, in the order of their making.
  TaskCore* first_task() const { return first_task_; }
  void add_task(TaskCore& task) noexcept;
  void remove_task(TaskCore& task) noexcept;

 protected:
  /// Where the loop was made, or last ran.
  std::atomic<std::thread::id> thread_{std::this_thread::get_id()};
  bool closed_ = false;

 private:
  void check_thread() const;

  TaskCore* first_task_ = nullptr;
  TaskCore* last_task_ = nullptr;
};

/// The loop that runs on this thread; null if none does.
LoopState* running_loop() noexcept;
/// The same; throws RuntimeError if none does.
LoopState& require_running_loop();

/// Throws RuntimeError if one does.
void require_no_running_loop(const char* who);

/// Prints a report on standard error, as the default exception handler does.
void print_report(const ExceptionContext& context) noexcept;

}  // namespace detail
}  // namespace aio
