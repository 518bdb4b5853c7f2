#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "jobs/counts.hpp"
#include "jobs/ending.hpp"
#include "primes/verdict.hpp"

namespace jobs {

/// The first record: the facts that all later records share.
struct RunRecord {
  std::string run_id;
  std::string host;
  Timestamp started_at;
};

/// One tick of a countdown.
struct TickRecord {
  std::string_view job_id;
  std::uint32_t value;
  Duration elapsed;   ///< since the job's start
  Duration lateness;  ///< since the tick was due
};

/// One answer of a job that checks many numbers.
struct CheckRecord {
  std::string_view job_id;
  std::uint64_t index;      ///< 0-based
  std::string_view number;  ///< base ten
  primes::Verdict verdict;
};

/// How a job ended; each accepted job has exactly one, or is counted in `left`.
struct ResultRecord {
  std::string_view job_id;
  std::string_view kind;  ///< `countdown` or `prime`
  unsigned attempt;
  const Ending& ending;
};

/// A line that was never accepted as a job.
struct RejectedRecord {
  std::uint64_t line;    ///< 1-based, of the input
  std::uint64_t column;  ///< 1-based, in bytes
  ErrorResult error;
};

/// The last record.
struct SummaryRecord {
  Counts counts;
  Duration wall;
};

/// Each appends its record to `out` as one line of JSON with its newline: UTF-8, keys in a fixed
/// order, times in UTC with milliseconds, integers that may pass 2^53 as strings. Any thread may
/// call with its own `out`.
void append(std::string& out, const RunRecord& record);
void append(std::string& out, const TickRecord& record);
void append(std::string& out, const CheckRecord& record);
void append(std::string& out, const ResultRecord& record);
void append(std::string& out, const RejectedRecord& record);
void append(std::string& out, const SummaryRecord& record);

}  // namespace jobs
