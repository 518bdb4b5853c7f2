#pragma once

#include <memory>
#include <utility>

#include "jobs/kinds/work.hpp"
#include "jobs/ledger/change.hpp"

namespace jobs {

/// A job on its way through a lane: the number by which the ledger knows it, and, once a worker has
/// begun with it, the work as far as it has come.
struct Attempt {
  Attempt(JobNumber number_, JobPointer job_) : number(number_), job(std::move(job_)) {}
  /// Work that was made before the job had a number.
  explicit Attempt(std::unique_ptr<SteppedWork> work_)
      : job(work_->job()), work(std::move(work_)) {}

  bool has_begun() const { return work && work->has_started(); }

  JobNumber number = JobNumber::none;
  JobPointer job;
  std::unique_ptr<SteppedWork> work;  ///< null until a worker takes it up, and if its kind waits
};

}  // namespace jobs
