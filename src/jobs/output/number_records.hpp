#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "jobs/job.hpp"
#include "jobs/output/record.hpp"
#include "primes/verdict.hpp"

namespace jobs {

/// Small numbers that are checked together, at most: enough to keep the lanes of a batch check
/// full, and 10 to 200 µs of work.
inline constexpr std::size_t checked_together_max = 256;

/// Plain jobs that were checked together, and their verdicts.
struct PlainResults {
  std::span<const PlainJob> jobs;
  std::span<const primes::Verdict> verdicts;
  Timestamp started_at;  ///< of all
  Duration duration;     ///< of each
};

/// Appends a `result` record for each job, byte for byte what `append` makes of a ResultRecord, at
/// a fifth of its cost: the parts that all share are put together once. Any thread may call with
/// its own `out`.
void append(std::string& out, const PlainResults& results);

/// Numbers of one job that were checked together, and their verdicts.
struct CheckedNumbers {
  std::string_view job_id;
  std::uint64_t first_index;
  std::span<const std::uint64_t> numbers;
  std::span<const primes::Verdict> verdicts;
};

/// The same for the `check` records of many numbers.
void append(std::string& out, const CheckedNumbers& checked);

}  // namespace jobs
