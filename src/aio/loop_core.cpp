#include "loop_core.hpp"

#include <algorithm>
#include <utility>

namespace aio::detail {

namespace {

/// A poll costs some 50 times what a task switch does, so a busy loop polls once in this time
/// rather than once a turn.
constexpr Duration poll_interval = std::chrono::microseconds(100);

thread_local LoopState* running = nullptr;

}  // namespace

/// Marks a loop as the one that runs on this thread. Scopes nest only where a loop is closed inside
/// another one's run.
class LoopCore::RunningScope {
 public:
  explicit RunningScope(LoopCore& loop) : loop_(loop), outer_(std::exchange(running, &loop)) {
    loop_.running_ = true;
    loop_.thread_ = std::this_thread::get_id();
  }
  RunningScope(const RunningScope&) = delete;
  RunningScope& operator=(const RunningScope&) = delete;
  ~RunningScope() {
    loop_.running_ = false;
    loop_.stopping_ = false;
    running = outer_;
  }

 private:
  LoopCore& loop_;
  LoopState* outer_;
};

LoopState* running_loop() noexcept { return running; }

LoopCore::LoopCore(EventLoop& loop, Time time) : time_(time) { event_loop = &loop; }

TimePoint LoopCore::now() const {
  if (time_ == Time::virtual_time) return virtual_now_;
  return TimePoint(std::chrono::nanoseconds(uv_hrtime()));
}

void LoopCore::run_forever() {
  require_open();
  require_no_running_loop("run_forever()");
  const RunningScope scope(*this);
  do turn();
  while (!stopping_);
}

// One turn:
// 1. Let the kernel in: wait for it if nothing is ready, else look only once in a while.
// 2. Make ready what is due, in the order of the deadlines.
// 3. Run what is ready now. What becomes ready meanwhile runs in the next turn, so that nothing can
//    keep the kernel and the timers out for longer than one pass over what was ready.
void LoopCore::turn() {
  ++turn_count_;
  poll();
  make_due_timers_ready();
  for (std::size_t count = ready.size(); count > 0; --count) ready.pop().run();
}

void LoopCore::poll() {
  const bool idle = ready.empty() && !stopping_;
  const TimePoint time = TimePoint(std::chrono::nanoseconds(uv_hrtime()));
  if (idle) {
    wait();
  } else if (stopping_ || time - last_poll_ >= poll_interval) {
    poller.poll();
  } else {
    return;
  }
  last_poll_ = TimePoint(std::chrono::nanoseconds(uv_hrtime()));
}

void LoopCore::wait() {
  if (timers.empty()) return poller.wait(std::nullopt);
  const TimePoint deadline = timers.next_deadline();
  if (time_ == Time::real) {
    return deadline <= now() ? poller.poll() : poller.wait(deadline);
  }
  if (first_pool_work_ || pool_requests > 0) return poller.wait(std::nullopt);
  poller.poll();
  if (ready.empty()) virtual_now_ = std::max(virtual_now_, deadline);
}

void LoopCore::make_due_timers_ready() {
  if (timers.empty()) return;
  const TimePoint time = now();
  while (!timers.empty() && timers.next_deadline() <= time) timers.pop().on_due();
}

void LoopCore::close() {
  if (running_) throw RuntimeError("Cannot close a running event loop");
  if (closed_) return;
  do {
    end_leftover_tasks();
    end_pool_work();
  } while (first_task());
  resources.end_all();
  signals.clear();
  descriptors.clear();
  if (default_executor) default_executor->shutdown();
  default_executor.reset();
  closed_ = true;
  poller.close();
  while (!timers.empty()) timers.pop().on_due();  // a closed loop discards what it is handed
  while (!ready.empty()) ready.pop().discard();
}

void LoopCore::end_leftover_tasks() {
  if (!first_task()) return;
  for (const AnyTask& task : all_tasks(*event_loop)) {
    const std::string who = task.state()->describe();
    report({who + " was pending when its loop was closed; it was cancelled", nullptr, who});
  }
  cancel_all_tasks();
}

void LoopCore::cancel_all_tasks() {
  resources.stop_accepting();
  const std::vector<AnyTask> tasks = all_tasks(*event_loop);
  for (const AnyTask& task : tasks) task.cancel("the loop is ending");
  const RunningScope scope(*this);
  for (const AnyTask& task : tasks) {
    while (!task.done()) closing_turn();
    if (task.cancelled()) continue;
    if (const std::exception_ptr exception = task.exception()) {
      const std::string who = task.state()->describe();
      report({who + " failed when it was cancelled because its loop was ending", exception, who});
    }
  }
}

void LoopCore::add_pool_work(PoolWork& work) noexcept {
  work.next_in_loop = first_pool_work_;
  if (first_pool_work_) first_pool_work_->previous_in_loop = &work;
  first_pool_work_ = &work;
}

void LoopCore::remove_pool_work(PoolWork& work) noexcept {
  PoolWork* const previous = work.previous_in_loop;
  (previous ? previous->next_in_loop : first_pool_work_) = work.next_in_loop;
  if (work.next_in_loop) work.next_in_loop->previous_in_loop = previous;
}

void LoopCore::end_pool_work() {
  const RunningScope scope(*this);
  while (first_pool_work_) {
    for (PoolWork* work = first_pool_work_; work; work = work->next_in_loop) work->cancel();
    closing_turn();
  }
}

void LoopCore::closing_turn() {
  stopping_ = false;  // nothing stops a loop that is ending: it would only keep it from waiting
  turn();
}

}  // namespace aio::detail
