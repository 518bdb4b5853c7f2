#include "aio/loop/loop_core.hpp"

#include <algorithm>
#include <utility>

#include "aio/core/debug.hpp"

namespace aio::detail {

namespace {

/// A poll costs some 50 times what a task switch does, so a busy loop polls once in this time
/// rather than once a turn.
constexpr Duration poll_interval = std::chrono::microseconds(100);

/// A wake-up costs some ten times what a timer does. So where several timers become due within this
/// time after the last that did, they become so together at its end; within a longer one after a
/// wake-up for a whole crowd, which takes its time anyway.
constexpr Duration alarm_gap = std::chrono::microseconds(200);
constexpr Duration alarm_gap_after_crowd = std::chrono::microseconds(500);
constexpr std::size_t crowd = 64;

/// The time that worker processes of a closing loop have to end by themselves.
constexpr Duration worker_grace = std::chrono::seconds(5);

/// A busy loop looks at the clock once in so many steps, as long as they are short: a look costs
/// several times what a task switch does.
constexpr std::size_t look_interval_max = 32;
/// The same while a timer is armed, which steps that suddenly take long would make late.
constexpr std::size_t look_interval_max_with_timers = 8;

/// So many steps are short if they take no longer than this.
constexpr Duration short_steps = std::chrono::microseconds(20);

}  // namespace

/// Marks a loop as the one that runs on this thread. Scopes nest only where a loop is closed inside
/// another one's run.
class LoopCore::RunningScope {
 public:
  explicit RunningScope(LoopCore& loop)
      : loop_(loop), outer_(std::exchange(running_loop_here, &loop)) {
    loop_.running_ = true;
    loop_.thread_ = std::this_thread::get_id();
  }
  RunningScope(const RunningScope&) = delete;
  RunningScope& operator=(const RunningScope&) = delete;
  ~RunningScope() {
    loop_.running_ = false;
    loop_.stopping_ = false;
    running_loop_here = outer_;
  }

 private:
  LoopCore& loop_;
  LoopState* outer_;
};

LoopCore::LoopCore(EventLoop& loop, Time time, uv_loop_t* borrowed)
    : poller(*this, borrowed), time_(time) {
  event_loop = &loop;
  debug = is_debug_wanted();
  turn_time = now();
  if (borrowed) guest_.emplace(*this, borrowed);
}

TimePoint LoopCore::now() const {
  if (time_ == Time::virtual_time) return virtual_now_;
  return Clock::now();
}

/// Whether a timer may have become due since the last look: though only short steps were taken, or
/// because some of them took long.
inline bool LoopCore::may_timer_be_due(std::size_t steps) const {
  return !timers.empty() && (steps >= look_interval_max_with_timers ||
                             timers.next_deadline() - turn_time <= 2 * short_steps);
}

inline bool LoopCore::must_look(std::size_t steps) const {
  return steps >= look_interval_ || ready.empty() || stopping_ || may_timer_be_due(steps);
}

[[gnu::always_inline]] inline void LoopCore::run_steps(std::size_t count, ContextCell* context) {
  for (; count > 0; --count) {
    const Ready next_one = ready.pop();
    ready.prefetch(count);
    if (next_one.is_task() && next_one.task().run_simply(*this, context)) [[likely]]
      continue;
    run_apart(next_one, context);
  }
}

void LoopCore::run_forever() {
  require_open();
  require_no_running_loop("run_forever()");
  const RunningScope scope(*this);
  do {
    turn();
    run_short_turns();
  } while (!stopping_);
}

// One turn:
// 1. Look at the clock; where steps are short, only once in some steps: after each time that they
//    were in twice as many, up to 32, or 8 while a timer is armed. Then
//    a. let the kernel in: wait for it if nothing is ready, else look only once in a while,
//    b. make ready what is due, in the order of the deadlines.
// 2. Run what is ready now. What becomes ready meanwhile runs in the next turn, so that nothing can
//    keep the kernel and the timers out for longer than one pass over what was ready, or, where
//    steps that take longer follow short ones, than twice as many as were short before them, and
//    those 32 or 8 at most.
// 3. Send the pool the small calls that gathered meanwhile.
void LoopCore::turn() {
  ++turn_count_;
  if (must_look(steps_since_look_)) look();
  run_ready();
  if (outside.has_gathered) outside.send_gathered();
}

/// The turns that follow, as long as the clock need not be looked at. Where two tasks wait for each
/// other there is one step in a turn, so a turn must cost less than that.
void LoopCore::run_short_turns() {
  ContextCell* const context = entered_context;
  std::size_t steps = steps_since_look_;
  while (!must_look(steps) && !outside.has_gathered && !debug && !shuffle) {
    ++turn_count_;
    const std::size_t count = ready.size();
    steps += count;
    run_steps(count, context);
  }
  steps_since_look_ = steps;
  current_task = nullptr;
  entered_context = context;
  if (outside.has_gathered) outside.send_gathered();
}

void LoopCore::look() {
  const TimePoint last = turn_time;
  poll();
  make_due_timers_ready();
  const bool short_before = time_ == Time::real && turn_time - last <= short_steps;
  look_interval_ =
      short_before ? std::clamp<std::size_t>(2 * steps_since_look_, 1, look_interval_max) : 1;
  steps_since_look_ = 0;
}

void LoopCore::run_ready() {
  const std::size_t count = ready.size();
  steps_since_look_ += count;
  if (shuffle) [[unlikely]]
    (*shuffle)(ready, count);
  if (debug) [[unlikely]]
    return run_ready_in_debug(count);
  ContextCell* const context = entered_context;
  run_steps(count, context);
  current_task = nullptr;
  entered_context = context;
}

/// A callback, or a task that needs more than a simple step.
void LoopCore::run_apart(Ready next_one, ContextCell* context) {
  current_task = nullptr;
  entered_context = context;
  next_one.run();
}

void LoopCore::run_ready_in_debug(std::size_t count) {
  for (; count > 0; --count) {
    const Ready next_one = ready.pop();
    const StepWatch watch(*this, next_one.stepping_task());
    next_one.run();
  }
}

void LoopCore::guest_turn() {
  {
    const RunningScope scope(*this);
    ++turn_count_;
    turn_time = now();
    make_due_timers_ready();
    run_ready();
    if (outside.has_gathered) outside.send_gathered();
  }
  poller.hold(has_work());
}

bool LoopCore::has_work() const {
  return !tasks.empty() || has_outside_work() || !ready.empty() || !timers.empty();
}

void LoopCore::poll() {
  const bool idle = ready.empty() && !stopping_;
  const TimePoint time = Clock::now();
  if (idle) {
    wait();
  } else if (stopping_ || time - last_poll_ >= poll_interval) {
    poller.poll();
  } else {
    turn_time = time_ == Time::real ? time : virtual_now_;
    return;
  }
  last_poll_ = Clock::now();
  turn_time = time_ == Time::real ? last_poll_ : virtual_now_;
}

void LoopCore::wait() {
  const std::optional<TimePoint> alarm = next_alarm();
  if (!alarm) return poller.wait(std::nullopt);
  if (time_ == Time::real) return *alarm <= now() ? poller.poll() : poller.wait(alarm);
  if (outside.claims(OutsideWork::Claim::time)) return poller.wait(std::nullopt);
  poller.poll();
  if (ready.empty()) virtual_now_ = std::max(virtual_now_, *alarm);
}

std::optional<TimePoint> LoopCore::next_alarm() const {
  if (timers.empty()) return std::nullopt;
  const TimePoint deadline = timers.next_deadline();
  if (time_ == Time::virtual_time) return deadline;
  return timers.has_two_until(alarm_for_many_) ? alarm_for_many_ : deadline;
}

void LoopCore::make_due_timers_ready() {
  if (timers.empty()) return;
  const TimePoint time = now();
  std::size_t count = 0;
  for (; !timers.empty() && timers.next_deadline() <= time; ++count) make_due(timers.pop());
  if (count == 0) return;
  alarm_for_many_ = saturating_add(time, count < crowd ? alarm_gap : alarm_gap_after_crowd);
}

void LoopCore::make_due(TimerNode& node) noexcept {
  if (!node.is_task()) return static_cast<TimedCall&>(node).on_due(*this);
  make_ready(static_cast<TimedTask&>(node).become_due());
}

void LoopCore::close() {
  if (running_) throw RuntimeError("Cannot close a running event loop");
  if (closed_) return;
  do {
    end_leftover_tasks();
    finish_outside_work();
  } while (!tasks.empty());
  end_outside_work();
  resources.end_all();
  signals.clear();
  descriptors.clear();
  default_executor.reset();
  closed_ = true;
  guest_.reset();
  outside_watch.close();  // not before: objects that were dropped above may have used the pool
  poller.close();
  while (!timers.empty()) make_due(timers.pop());  // a closed loop discards it
  discard_ready();
  if (poller.is_borrowed()) wait_for_outside_work();
}

void LoopCore::discard_ready() {
  while (!ready.empty()) ready.pop().discard();
}

/// Objects that were dropped last may have used the pool. A loop of our own waits for that as it
/// closes.
void LoopCore::wait_for_outside_work() {
  while (has_outside_work()) {
    uv_run(poller.uv(), UV_RUN_ONCE);
    discard_ready();
  }
}

void LoopCore::end_leftover_tasks() {
  if (tasks.empty()) return;
  for (const AnyTask& task : all_tasks(*event_loop)) {
    const std::string who = task.state()->describe();
    report({who + " was pending when its loop was closed; it was cancelled" +
                describe_leftover(task.core()),
            nullptr, who});
  }
  cancel_all_tasks();
}

void LoopCore::cancel_all_tasks() {
  resources.stop_accepting();
  const std::vector<AnyTask> leftover = all_tasks(*event_loop);
  for (const AnyTask& task : leftover) task.cancel("the loop is ending");
  const RunningScope scope(*this);
  for (const AnyTask& task : leftover) {
    while (!task.done()) closing_turn();
    if (task.cancelled()) continue;
    if (const std::exception_ptr exception = task.exception()) {
      const std::string who = task.state()->describe();
      report({who + " failed when it was cancelled because its loop was ending", exception, who});
    }
  }
}

/// Cancels the work that is under way outside, and waits for its end.
void LoopCore::finish_outside_work() {
  const RunningScope scope(*this);
  while (has_outside_work()) {
    outside.cancel_all();
    if (outside.has_gathered) outside.send_gathered();  // they may have been all that there was
    if (has_outside_work()) closing_turn();
  }
}

/// Ends the worker processes that are kept for later calls, and waits until they are gone.
void LoopCore::end_outside_work() {
  const TimePoint deadline = Clock::now() + worker_grace;
  while (true) {
    const bool in_time = Clock::now() < deadline;
    if (outside.end(!in_time)) return;
    poller.wait(in_time ? std::optional(deadline) : std::nullopt);
  }
}

void LoopCore::closing_turn() {
  stopping_ = false;  // nothing stops a loop that is ending: it would only keep it from waiting
  if (outside.has_gathered) outside.send_gathered();  // who reports is outside of any turn
  turn();
}

}  // namespace aio::detail
