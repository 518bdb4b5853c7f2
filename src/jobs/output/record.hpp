#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "jobs/job.hpp"
#include "primes/verdict.hpp"

namespace jobs {

/// How an accepted job can end. A closed set.
enum class State { succeeded, failed, timed_out, cancelled, interrupted, skipped };

/// Why a job did not succeed or a line was not accepted. A closed set.
enum class ErrorCode {
  invalid_job,         ///< a rejected line: not a job as the schema has it
  duplicate_id,        ///< a rejected line: its id was taken by an earlier one
  line_too_long,       ///< a rejected line: over 1 MiB
  numbers_unreadable,  ///< the file of `numbers_from` cannot be opened or read
  invalid_number,      ///< a line of that file is not an integer, or too large for the method
  shutdown,            ///< the program was told to stop before the job could end
  internal,            ///< a fault of the program
};

std::string_view to_string(State state);
std::string_view to_string(ErrorCode code);

using Timestamp = std::chrono::system_clock::time_point;

/// The first record: what is the same for all that follow.
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

struct CountdownResult {
  std::uint32_t ticks;
  Duration lateness_max;
};
struct NumberResult {
  std::string_view number;  ///< base ten
  primes::Verdict verdict;
};
struct NumbersResult {
  std::uint64_t checked;
  std::uint64_t primes;
};
struct ErrorResult {
  ErrorCode code;
  std::string_view message;
};

/// How a job ended; each accepted job has exactly one, or is counted in `left`.
struct ResultRecord {
  std::string_view job_id;
  std::string_view kind;  ///< `countdown` or `prime`
  State state;
  unsigned attempt = 1;
  Timestamp started_at;
  Duration duration;
  std::variant<CountdownResult, NumberResult, NumbersResult, ErrorResult> value;
};

/// A line that was never accepted as a job.
struct RejectedRecord {
  std::uint64_t line;    ///< 1-based, of the input
  std::uint64_t column;  ///< 1-based, in bytes
  ErrorResult error;
};

/// How many jobs took each way. `accepted` is the sum of the states and `left`.
struct Counts {
  std::uint64_t accepted = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t interrupted = 0;
  std::uint64_t skipped = 0;
  std::uint64_t left = 0;
  std::uint64_t rejected = 0;

  /// Counts one job that ended so.
  void add(State state);
  Counts& operator+=(const Counts& other);
  friend bool operator==(const Counts&, const Counts&) = default;
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
