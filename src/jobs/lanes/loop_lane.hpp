#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <memory>

#include "aio/aio.hpp"
#include "jobs/lanes/attempt.hpp"
#include "jobs/lanes/lane_host.hpp"
#include "jobs/waiters.hpp"

namespace jobs {

/// Works jobs on the event loop: those that wait, a task each; and those that are advanced in
/// steps, in turn, one step of one of them a turn of the loop. So other tasks that
/// become ready wait for one step at most.
class LoopLane {
 public:
  /// At most `open_max` jobs are under way; the others wait. The host outlives it, and it outlives
  /// every turn of the loop.
  LoopLane(aio::EventLoop& loop, LaneHost& host, std::size_t open_max);
  LoopLane(const LoopLane&) = delete;
  LoopLane& operator=(const LoopLane&) = delete;

  /// Has an accepted job worked as soon as it may be under way.
  void add(JobNumber number, JobPointer job);
  /// Resumes when all jobs that were added are under way.
  aio::Coro<void> until_room();

  /// Advances checks; ends after `finish`. For one task.
  aio::Coro<void> advance_checks();
  void finish();

  /// Begins nothing more, and interrupts jobs that cannot end by `deadline`.
  void stop(aio::TimePoint deadline);
  /// Interrupts the jobs under way.
  void stop_now();

  /// Jobs under way.
  std::size_t open() const { return open_; }
  /// Checks that have begun and have not ended.
  std::size_t begun_checks() const;
  bool is_idle() const { return waiting_.empty() && open_ == 0; }

 private:
  /// A job that waits for its time, most of the time.
  struct Open {
    JobNumber number;
    std::unique_ptr<WaitingWork> work;
    aio::Task<void> task;
    bool has_entered = false;  // its task has taken its first step
    bool has_started = false;
  };
  using OpenJobs = std::list<Open>;

  void start_what_fits();
  void start(JobNumber number, JobPointer job);
  aio::Coro<void> work(OpenJobs::iterator open);
  aio::Coro<void> work_until_stopped(Open& open);
  void close() noexcept;

  aio::EventLoop& loop_;
  LaneHost& host_;
  std::size_t open_max_;
  std::size_t open_ = 0;
  std::deque<Attempt> waiting_;  // accepted, and not under way
  OpenJobs open_jobs_;
  std::deque<Attempt> checks_;
  bool finished_ = false;
  bool is_stopped_ = false;
  Waiters checks_wait_;  // the task that advances checks
  Waiters room_;
};

}  // namespace jobs
