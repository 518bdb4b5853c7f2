#pragma once

#include <array>
#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <thread>

#include "aio/detail/ready_queue.hpp"
#include "aio/detail/ref.hpp"
#include "aio/detail/task_list.hpp"
#include "aio/detail/timer_heap.hpp"
#include "aio/task_options.hpp"
#include "aio/time.hpp"

namespace aio {

class EventLoop;

/// The report that an exception handler is given.
struct ExceptionContext {
  std::string message;           ///< the event, in one sentence
  std::exception_ptr exception;  ///< the exception that was thrown; may be empty
  std::string source;            ///< the task, future or callback that it came from
};

namespace detail {

class LoopState;
class TaskCore;

/// Prints a report on standard error, as the default exception handler does.
void print_report(const ExceptionContext& context) noexcept;

/// The loop that runs on this thread; null if none does.
inline constinit thread_local LoopState* running_loop_here = nullptr;
inline LoopState* running_loop() noexcept { return running_loop_here; }

/// The part of a loop that does without the kernel: its ready queue, its timers, its tasks. Futures
/// and tasks keep it alive, so that a handle which outlives its loop finds a closed loop, not freed
/// memory.
///
/// Only the loop's thread may use it, except for `report`, which any thread may call.
class LoopState : public RefCounted {
 public:
  ReadyQueue ready;
  TimerHeap timers;
  TaskList tasks;  ///< the tasks that have not ended
  TaskCore* current_task = nullptr;
  std::coroutine_handle<> next;     ///< the coroutine to resume next, within the current step
  EventLoop* event_loop = nullptr;  ///< empty once the loop is destroyed
  TaskFactory task_factory;
  bool debug = false;
  Duration slow_callback_duration = std::chrono::milliseconds(100);
  /// The time at which the turn began, or the wait in it ended; where turns are short, that of one
  /// of the last few turns.
  TimePoint turn_time{};

  /// Throws RuntimeError where there are as many already as there are numbers, 65 536.
  LoopState();
  ~LoopState() override;

  /// By its number a future knows its loop, in two bytes. No other has it meanwhile.
  std::uint16_t number() const { return number_; }
  static LoopState& numbered(std::uint16_t number) { return *by_number_[number]; }

  virtual TimePoint now() const = 0;
  virtual bool is_running() const { return false; }
  /// Takes over what was done for the loop outside of it; called when it was woken.
  virtual void take_done_outside() {}
  bool is_closed() const { return closed_; }

  /// Gives `runnable` its turn, and its place until then; where the loop is closed it never gets
  /// one, and is told so.
  Ready* make_ready(Runnable& runnable) {
    if (!closed_) return ready.push(runnable);
    runnable.discard();
    return nullptr;
  }
  void make_ready(TaskCore& task) {
    if (!closed_) ready.push(task);
  }

  /// Counts a future or task of this loop, which lives as long as there is one. They come and go
  /// far more often on the loop's thread, while it runs, than elsewhere: there it takes no atomic
  /// instruction. From any thread.
  void hold() noexcept {
    if (running_loop() == this) {
      ++held_here_;
    } else if (held_elsewhere_.fetch_add(1, std::memory_order_relaxed) == 0) {
      add_ref();
    }
  }
  void unhold() noexcept {
    if (running_loop() == this) {
      --held_here_;
    } else if (held_elsewhere_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      release();
    }
  }
  /// The loop will not run any more: from now on one counter has to do.
  void end_holding_here() noexcept;

  /// Throws RuntimeError if the loop is closed; in debug mode also as `require_own_thread` does.
  void require_open() const {
    if (debug || closed_) [[unlikely]]
      check_open();
  }

  /// In debug mode, throws RuntimeError where the loop runs on another thread.
  void require_own_thread() const {
    if (debug) [[unlikely]]
      check_thread();
  }
  bool is_own_thread() const { return thread_ == std::this_thread::get_id(); }

  /// Hands `context` to the loop's exception handler; to standard error where none can be asked:
  /// from another thread, and once the loop is closed.
  void report(const ExceptionContext& context) noexcept;

 protected:
  /// Where the loop was made, or last ran.
  std::atomic<std::thread::id> thread_{std::this_thread::get_id()};
  bool closed_ = false;

 private:
  /// Only while `event_loop` is there and open.
  virtual void call_exception_handler(const ExceptionContext& context) noexcept {
    print_report(context);
  }
  void check_thread() const;
  void check_open() const;

  /// Until `end_holding_here` this is added to what is held elsewhere: it may be less than nothing
  /// while what was counted here goes elsewhere.
  static constexpr std::int64_t may_run = std::int64_t{1} << 62;

  static constexpr std::size_t numbers = std::size_t{1} << 16;
  static std::array<LoopState*, numbers> by_number_;
  static std::uint16_t take_number(LoopState& loop);

  const std::uint16_t number_;
  std::int64_t held_here_ = 0;
  std::atomic<std::int64_t> held_elsewhere_{may_run};
};

[[noreturn]] void throw_no_running_loop();

/// The running loop; throws RuntimeError if there is none.
inline LoopState& require_running_loop() {
  if (LoopState* const loop = running_loop()) [[likely]]
    return *loop;
  throw_no_running_loop();
}

/// Throws RuntimeError if one does.
void require_no_running_loop(const char* who);

}  // namespace detail
}  // namespace aio
