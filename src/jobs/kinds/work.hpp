#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "aio/aio.hpp"
#include "jobs/ending.hpp"
#include "jobs/job.hpp"
#include "jobs/output/sink.hpp"

namespace jobs {

/// A job as it was accepted: shared by the ledger and the attempt that works it, on any thread.
using JobPointer = std::shared_ptr<const Job>;

/// An attempt at a job of a kind that computes: a value that is advanced in bounded steps, on
/// whatever thread holds it, and appends its records as it goes. It can stop between any two steps
/// and go on elsewhere.
class SteppedWork {
 public:
  explicit SteppedWork(JobPointer job) : job_(std::move(job)) {}
  SteppedWork(const SteppedWork&) = delete;
  SteppedWork& operator=(const SteppedWork&) = delete;
  virtual ~SteppedWork() = default;

  const JobPointer& job() const { return job_; }
  virtual bool has_started() const = 0;

  /// Takes one step, of about 1 ms at most, and appends the records that it produces. True when
  /// the work is over.
  virtual bool step(std::string& records) = 0;

  /// How work that is over has ended. Once.
  virtual Ending take_ending() = 0;
  /// How work that has started and is not over ends when it is told to stop. Once.
  virtual Ending interrupt() = 0;

 private:
  JobPointer job_;
};

/// An attempt at a job of a kind that waits most of the time.
class WaitingWork {
 public:
  explicit WaitingWork(JobPointer job) : job_(std::move(job)) {}
  WaitingWork(const WaitingWork&) = delete;
  WaitingWork& operator=(const WaitingWork&) = delete;
  virtual ~WaitingWork() = default;

  const JobPointer& job() const { return job_; }

  /// Marks the moment that its times are counted from. Once, before all that follows.
  virtual void start(aio::TimePoint now) = 0;
  /// No end is possible before this moment. May be asked while another thread works.
  virtual aio::TimePoint earliest_end() const = 0;

  /// Works on the loop until it is over. Cancellation ends it early.
  virtual aio::Coro<void> work(Sink& sink) = 0;
  /// Works until it is over, blocking the calling thread; the records go to `sink` by way of
  /// `loop`. Ends early when `stop` is requested, within some milliseconds.
  virtual void work_blocking(aio::EventLoop& loop, Sink& sink, const std::stop_token& stop) = 0;

  /// How it has ended at `now`: as its kind says if it is over, else as `interrupted`.
  virtual Ending ending(aio::TimePoint now) const = 0;

 private:
  JobPointer job_;
};

}  // namespace jobs
