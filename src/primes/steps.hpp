#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "primes/check.hpp"

namespace primes {

/// One method at work on one number.
class Check::Steps {
 public:
  Steps() = default;
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;
  virtual ~Steps() = default;

  /// Takes one bounded step; the answer when it is there. Not called again after that.
  virtual std::optional<Verdict> advance() = 0;

  /// From 0 to 1, never falling.
  virtual double progress() const = 0;
};

namespace detail {

/// What a part of a method says after a step.
enum class Outcome { unfinished, passed, failed };

/// A step is meant to take about this long, and twice that at 20 000 digits, where it is one rung
/// of the Lucas test: with room for a slower or a busy machine, and long enough that going from
/// step to step costs nothing measurable.
inline constexpr double step_ns = 200'000;

/// The school method on n, which is odd and at least 3.
std::unique_ptr<Check::Steps> trial_division(std::uint64_t n);

/// Strong tests to the first 13 prime bases on n, which is odd and from 2^64 below psi_13
/// (miller_rabin.hpp).
std::unique_ptr<Check::Steps> miller_rabin(std::span<const std::uint64_t> n);

/// Baillie–PSW on n, which is odd and above 2^64.
std::unique_ptr<Check::Steps> bpsw(std::span<const std::uint64_t> n);

}  // namespace detail
}  // namespace primes
