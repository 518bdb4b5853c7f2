#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aio/time.hpp"
#include "jobs/kinds/prime/number_source.hpp"
#include "jobs/output/record.hpp"
#include "primes/check.hpp"

namespace jobs {

/// When a job began: for the record, and to measure from.
struct StartTime {
  Timestamp wall = std::chrono::system_clock::now();
  aio::TimePoint monotonic = aio::Clock::now();
};

/// A prime job under way: a value that is advanced in bounded steps, on whatever thread holds it,
/// and appends its records as it goes. It can stop between any two steps and go on elsewhere.
class PrimeRun {
 public:
  PrimeRun(std::string id, Prime job);

  /// Takes one step, of about 1 ms at most; the records that it produces are appended to `out`.
  /// True when the job has ended and its `result` record is appended.
  bool step(std::string& out);

  /// Ends a job that has begun and not finished as `interrupted`.
  void interrupt(std::string& out);

  bool has_started() const { return start_.has_value(); }

  /// How it ended; only once it has.
  State state() const { return state_; }

 private:
  bool check_words(std::string& out);
  bool begin_next_check(std::string& out);
  void finish_check(std::string& out);
  void finish(std::string& out, State state, decltype(ResultRecord::value) value);

  std::string id_;
  NumberSource numbers_;
  std::optional<StartTime> start_;
  std::optional<primes::Check> check_;  // the one under way
  std::string number_;                  // what it checks, in base ten
  std::uint64_t checked_ = 0;
  std::uint64_t primes_ = 0;
  State state_ = State::succeeded;
};

}  // namespace jobs
