#include "jobs/kinds/start.hpp"

#include <utility>

#include "jobs/kinds/kinds.hpp"

namespace jobs {

Executor executor_of(const Job& job, std::optional<Executor> for_all) {
  if (for_all) return *for_all;
  return job.executor.value_or(kind_of(job).usual_executor);
}

bool is_stepped(const Job& job) { return kind_of(job).start_stepped != nullptr; }

bool is_stepped_on_pool(const Job& job, std::optional<Executor> for_all) {
  return is_stepped(job) && executor_of(job, for_all) == Executor::thread;
}

std::unique_ptr<SteppedWork> start_stepped(JobPointer job) {
  const Kind& kind = kind_of(*job);
  return kind.start_stepped(std::move(job));
}

std::unique_ptr<WaitingWork> start_waiting(JobPointer job) {
  const Kind& kind = kind_of(*job);
  return kind.start_waiting(std::move(job));
}

}  // namespace jobs
