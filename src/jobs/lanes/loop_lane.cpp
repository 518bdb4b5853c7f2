#include "jobs/lanes/loop_lane.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "jobs/invariant.hpp"
#include "jobs/kinds/kinds.hpp"
#include "jobs/kinds/start.hpp"

namespace jobs {

namespace {

constexpr const char* told_to_stop = "the program was told to stop";

}  // namespace

LoopLane::LoopLane(aio::EventLoop& loop, LaneHost& host, std::size_t open_max)
    : loop_(loop), host_(host), open_max_(open_max) {}

void LoopLane::add(JobNumber number, JobPointer job) {
  waiting_.emplace_back(number, std::move(job));
  start_what_fits();
}

aio::Coro<void> LoopLane::until_room() {
  return room_.until([this] { return waiting_.empty(); });
}

void LoopLane::start_what_fits() {
  while (!waiting_.empty() && open_ < open_max_) {
    Attempt next = std::move(waiting_.front());
    waiting_.pop_front();
    start(next.number, std::move(next.job));
  }
  if (waiting_.empty()) room_.wake_all();
}

void LoopLane::start(JobNumber number, JobPointer job) {
  if (is_stepped(*job)) {
    checks_.emplace_back(number, std::move(job));
    checks_wait_.wake(1);
  } else {
    const std::string name = std::string(kind_of(*job).name) + ' ' + job->id;
    const auto open =
        open_jobs_.insert(open_jobs_.end(), {number, start_waiting(std::move(job)), {}});
    open->task = loop_.create_task(work(open), name);
  }
  ++open_;
}

/// A job is under way no longer: its place goes to the next.
void LoopLane::close() noexcept {
  try {
    require(open_ > open_jobs_.size() + checks_.size(), "a job that was under way was counted");
    --open_;
    start_what_fits();
  } catch (...) {
    host_.fail(std::current_exception());
  }
  if (is_idle()) host_.on_idle();
}

// --- Jobs that wait

aio::Coro<void> LoopLane::work(OpenJobs::iterator open) {
  open->has_entered = true;
  try {
    host_.begin(open->number);
    co_await work_until_stopped(*open);
    if (open->has_started) {
      host_.end(open->number, open->work->ending(loop_.time()));
    } else {
      host_.put_back(open->number);
    }
  } catch (...) {
    host_.fail(std::current_exception());
  }
  open_jobs_.erase(open);
  close();
}

/// A stop is no error of the task that works the job: how far it came shows in the job.
aio::Coro<void> LoopLane::work_until_stopped(Open& open) {
  try {
    co_await host_.until_committed();
    open.work->start(loop_.time());
    open.has_started = true;
    co_await open.work->work(host_.sink());
  } catch (const aio::CancelledError&) {
    aio::current_task().uncancel();
  }
}

// --- Jobs that are advanced in steps

aio::Coro<void> LoopLane::advance_checks() {
  for (;;) {
    co_await checks_wait_.until([this] { return finished_ || !checks_.empty(); });
    if (checks_.empty()) co_return;
    if (host_.sink().is_congested()) co_await host_.sink().ready();
    if (checks_.empty()) continue;  // stopped meanwhile
    Attempt check = std::move(checks_.front());
    checks_.pop_front();
    if (!check.work) {
      host_.begin(check.number);
      check.work = start_stepped(check.job);
      co_await host_.until_committed();
      if (is_stopped_) {  // meanwhile
        host_.put_back(check.number);
        close();
        continue;
      }
    }
    std::string records;
    const bool is_over = check.work->step(records);
    host_.sink().write(records);
    if (is_over) {
      host_.end(check.number, check.work->take_ending());
      close();
    } else {
      checks_.push_back(std::move(check));
    }
    co_await aio::sleep(0);
  }
}

std::size_t LoopLane::begun_checks() const {
  return static_cast<std::size_t>(std::ranges::count_if(checks_, &Attempt::has_begun));
}

void LoopLane::finish() {
  finished_ = true;
  checks_wait_.wake_all();
}

// --- Stopping

void LoopLane::stop(aio::TimePoint deadline) {
  is_stopped_ = true;
  waiting_.clear();
  room_.wake_all();
  open_ -= std::erase_if(checks_, [](const Attempt& check) { return !check.has_begun(); });
  open_ -= open_jobs_.remove_if([](const Open& open) {
    if (open.has_entered) return false;
    open.task.cancel(told_to_stop);  // it has not taken its first step, and never will
    return true;
  });
  for (const Open& open : open_jobs_) {
    if (!open.has_started || open.work->earliest_end() > deadline) open.task.cancel(told_to_stop);
  }
  if (is_idle()) host_.on_idle();
}

void LoopLane::stop_now() {
  stop(aio::TimePoint::min());
  for (Attempt& check : std::exchange(checks_, {})) {
    --open_;
    host_.end(check.number, check.work->interrupt());
  }
  if (is_idle()) host_.on_idle();
}

}  // namespace jobs
