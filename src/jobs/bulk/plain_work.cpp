#include "jobs/bulk/plain_work.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>

#include "aio/time.hpp"
#include "jobs/output/number_records.hpp"
#include "primes/is_prime.hpp"

namespace jobs {
namespace {

// The share that a job has of its group's time still says what the job took.
void work_group(std::span<const PlainJob> jobs, std::string& records) {
  std::array<std::uint64_t, checked_together_max> numbers;
  std::array<primes::Verdict, checked_together_max> verdicts;
  const std::size_t count = jobs.size();
  std::transform(jobs.begin(), jobs.end(), numbers.begin(), std::mem_fn(&PlainJob::number));
  const Timestamp started_at = std::chrono::system_clock::now();
  const aio::TimePoint start = aio::Clock::now();
  primes::examine(std::span(numbers).first(count), std::span(verdicts).first(count));
  const Duration share = (aio::Clock::now() - start) / static_cast<Duration::rep>(count);
  append(records, PlainResults{jobs, std::span(verdicts).first(count), started_at, share});
}

}  // namespace

std::size_t work_plain(std::span<const PlainJob> jobs, const std::stop_token& stop,
                       std::string& records) {
  std::size_t ended = 0;
  while (ended < jobs.size() && !stop.stop_requested()) {
    const std::size_t count = std::min(checked_together_max, jobs.size() - ended);
    work_group(jobs.subspan(ended, count), records);
    ended += count;
  }
  return ended;
}

}  // namespace jobs
