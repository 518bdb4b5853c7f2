#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "jobs/kinds/prime/number_source.hpp"
#include "jobs/kinds/work.hpp"
#include "primes/check.hpp"

namespace jobs {

/// A prime job under way. Its `check` records are appended as its numbers are checked; how it ended
/// is a value.
class PrimeWork final : public SteppedWork {
 public:
  explicit PrimeWork(JobPointer job);

  bool has_started() const override { return start_.has_value(); }
  bool step(std::string& records) override;
  Ending take_ending() override { return std::move(ending_); }
  Ending interrupt() override;

 private:
  bool check_words(std::string& records);
  bool begin_next_check();
  void finish_check(std::string& records);
  void finish(State state, decltype(Ending::value) value);

  NumberSource numbers_;
  std::optional<StartTime> start_;
  std::optional<primes::Check> check_;  // the one under way
  std::string number_;                  // its number, in base ten
  std::uint64_t checked_ = 0;
  std::uint64_t primes_ = 0;
  Ending ending_;
};

}  // namespace jobs
