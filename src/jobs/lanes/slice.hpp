#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "aio/time.hpp"
#include "jobs/bulk/chunk_parser.hpp"
#include "jobs/kinds/prime/run.hpp"
#include "jobs/output/record.hpp"

namespace jobs {

/// What a worker has to see of a stop: whether it may still begin a job, and go on with one.
struct StopTokens {
  std::stop_token begin;
  std::stop_token go_on;
  std::stop_token begin_plain;  ///< the same as `begin` for jobs that end within the stay for sure
};

/// What came of a stay on the pool.
struct Slice {
  Slice() = default;
  Slice(Slice&&) = default;  // and no copies, which a vector would promise and not keep
  Slice& operator=(Slice&&) = default;

  std::string records;               ///< finished lines, for the output
  Counts counts;                     ///< of the jobs that were accepted, rejected or ended
  std::vector<PrimeRun> unfinished;  ///< in order; only the first may have begun
  std::vector<Job> others;           ///< accepted jobs that are not for this worker
};

/// How long a stay on the pool lasts at most, one step aside; with lines, while nothing else waits
/// for a worker, four times as long. So long work passes through the loop
/// now and then: its records leave, what waits behind it can go to another worker, and it can be
/// told to stop. At 20 to 60 µs a hop this costs about 1 %.
inline constexpr aio::Duration slice_time = std::chrono::milliseconds(5);

/// How many bytes of records end it earlier: they pass through memory, and the output's reader may
/// be slower than the checks. While one such piece is written the next one is made.
inline constexpr std::size_t slice_bytes = 262'144;

/// Where a job's work is to be done: where all are to be, or where it says itself, or where its
/// kind usually is.
Executor executor_of(const Job& job, std::optional<Executor> for_all);

/// Whether a job is a prime check for the pool.
bool is_for_pool(const Job& job, std::optional<Executor> for_all);

/// Works on prime jobs one after the other until `end`. `memory` is for the records, to be used
/// again. On any thread.
Slice work(std::vector<PrimeRun> runs, const StopTokens& stop,
           aio::TimePoint end = aio::Clock::now() + slice_time, std::string memory = {});

/// Works on what a chunk of lines holds: first on the plain jobs, if the context sorts them out,
/// and all of them; then on the other prime jobs as above. The chunk must still be there. `memory`
/// is for the records, to be used again.
Slice work(ParsedLines parsed, const LineContext& context, const StopTokens& stop,
           std::string memory = {});

/// Parses a chunk of lines, then works on it. See parse_lines for where.
Slice work(const Lines& lines, LineContext& context, const StopTokens& stop);

}  // namespace jobs
