#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "aio/time.hpp"
#include "jobs/bulk/chunk_parser.hpp"
#include "jobs/counts.hpp"
#include "jobs/lanes/attempt.hpp"

namespace jobs {

/// The stop requests that a worker looks at.
struct StopTokens {
  std::stop_token begin;        ///< no further job is to begin
  std::stop_token go_on;        ///< nor is a job that has begun to go on
  std::stop_token begin_plain;  ///< the same as `begin`, for jobs that surely end within the stay
};

/// The end of a job that the ledger knows, and its place among the records of its slice.
struct EndedAttempt {
  JobNumber number;
  std::size_t records_before;  ///< bytes of the slice's records that come before its result
  Ending ending;
};

/// The outcome of a stay on the pool.
struct Slice {
  Slice() = default;
  Slice(Slice&&) = default;  // and no copies, which a vector would promise and not keep
  Slice& operator=(Slice&&) = default;

  std::string records;              ///< finished lines, for the sink
  Counts counts;                    ///< of a chunk: jobs that ended in it, and lines rejected
  std::vector<EndedAttempt> ended;  ///< jobs that the ledger knows, in the order of their ends
  std::vector<Attempt> unfinished;  ///< in order; only the first may have begun
  std::vector<JobPointer> others;   ///< accepted jobs of a chunk that are not for this worker
};

/// How long a stay on the pool lasts at most, one step aside; with lines, while nothing else waits
/// for a worker, four times as long. So long work passes through the loop now and then: its records
/// leave, jobs that wait behind it can go to another worker, and it can be told to stop. At 20 to
/// 60 µs a hop this costs about 1 %.
inline constexpr aio::Duration slice_time = std::chrono::milliseconds(5);

/// How many bytes of records end it earlier: they pass through memory, and the sink may be slower
/// than the checks. While one such piece is written the next one is made.
inline constexpr std::size_t slice_bytes = 262'144;

/// Works on attempts at jobs of a kind that computes, one after the other, until `end`. `memory` is
/// for the records, to be used again. On any thread.
Slice work(std::vector<Attempt> attempts, const StopTokens& stop,
           aio::TimePoint end = aio::Clock::now() + slice_time, std::string memory = {});

/// Works on the jobs of a chunk of lines: first on the plain ones, if the context sorts them out,
/// and all of them; then on the other prime jobs as above. The chunk must still be there. `memory`
/// is for the records, to be used again. On any thread.
Slice work(ParsedChunk parsed, const ChunkContext& context, const StopTokens& stop,
           std::string memory = {});

/// Parses a chunk of lines, then works on it. See parse_chunk for where.
Slice work(const Chunk& chunk, ChunkContext& context, const StopTokens& stop);

}  // namespace jobs
