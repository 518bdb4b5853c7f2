#pragma once

#include <memory>
#include <optional>

#include "jobs/job.hpp"
#include "jobs/kinds/work.hpp"

namespace jobs {

/// Where a job's work is to be done: where all are to be, or where it says itself, or where its
/// kind usually is.
Executor executor_of(const Job& job, std::optional<Executor> for_all);

/// Whether attempts at the job are advanced in steps; else they wait.
bool is_stepped(const Job& job);

/// Whether attempts at the job are advanced in steps on the pool.
bool is_stepped_on_pool(const Job& job, std::optional<Executor> for_all);

/// Make an attempt at a job of such a kind; it has not started.
std::unique_ptr<SteppedWork> start_stepped(JobPointer job);
std::unique_ptr<WaitingWork> start_waiting(JobPointer job);

}  // namespace jobs
