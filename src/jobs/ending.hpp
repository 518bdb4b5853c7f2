#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "aio/time.hpp"
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

/// The moment when an attempt began: for the record, and to measure from.
struct StartTime {
  Timestamp wall = std::chrono::system_clock::now();
  aio::TimePoint monotonic = aio::Clock::now();
};

/// The result of a countdown that came to its last tick.
struct CountdownResult {
  std::uint32_t ticks = 0;
  Duration lateness_max{};
};

/// The result of a check of one number.
struct NumberResult {
  std::string number;  ///< base ten
  primes::Verdict verdict;
};

/// The result of a check of many numbers.
struct NumbersResult {
  std::uint64_t checked = 0;
  std::uint64_t primes = 0;
};

/// The reason of an end without a result.
struct ErrorResult {
  ErrorCode code = ErrorCode::internal;
  std::string message;
};

/// The end of an attempt, as the lane that worked it tells the ledger: a value, and no record yet.
struct Ending {
  State state = State::succeeded;
  Timestamp started_at{};
  Duration duration{};
  std::variant<CountdownResult, NumberResult, NumbersResult, ErrorResult> value;
};

}  // namespace jobs
