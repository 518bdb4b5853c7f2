#include "jobs/kinds/start.hpp"

#include <utility>
#include <variant>

#include "jobs/kinds/countdown/work.hpp"
#include "jobs/kinds/prime/work.hpp"

namespace jobs {

std::string_view kind_name(const Job& job) {
  return std::holds_alternative<Countdown>(job.work) ? "countdown" : "prime";
}

Executor executor_of(const Job& job, std::optional<Executor> for_all) {
  const bool is_countdown = std::holds_alternative<Countdown>(job.work);
  return for_all.value_or(job.executor.value_or(is_countdown ? Executor::loop : Executor::thread));
}

bool is_stepped(const Job& job) { return std::holds_alternative<Prime>(job.work); }

bool is_stepped_on_pool(const Job& job, std::optional<Executor> for_all) {
  return is_stepped(job) && executor_of(job, for_all) == Executor::thread;
}

std::unique_ptr<SteppedWork> start_stepped(JobPointer job) {
  return std::make_unique<PrimeWork>(std::move(job));
}

std::unique_ptr<WaitingWork> start_waiting(JobPointer job) {
  return std::make_unique<CountdownWork>(std::move(job));
}

}  // namespace jobs
