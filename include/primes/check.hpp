#pragma once

#include <memory>

#include "primes/integer.hpp"
#include "primes/verdict.hpp"

namespace primes {

/// Which way a check is to go.
enum class Algorithm {
  automatic,       ///< the fastest that is right for the size of n
  trial_division,  ///< the school method; only for n < 2^64
};

/// A primality check that is a value: it is advanced in bounded steps, so that whoever holds it
/// decides after every step whether to go on, to look at something else, or to drop it.
///
/// One step takes about 1 ms at most, for any n of up to 20 000 digits. Dropping an unfinished
/// check frees all it holds. A check may move between threads from one step to the next; it is not
/// to be used by two at once.
class Check {
 public:
  /// Throws std::invalid_argument if `algorithm` is `trial_division` and n is 2^64 or more.
  explicit Check(const Integer& n, Algorithm algorithm = Algorithm::automatic);
  Check(Check&&) noexcept;
  Check& operator=(Check&&) noexcept;
  ~Check();

  /// Takes one bounded step; true once the answer is there. After that it does nothing.
  bool advance();

  /// What part of the work is behind us, from 0 to 1, never falling; 1 when finished. It estimates
  /// for a number that passes every test: a composite usually ends sooner.
  double progress() const;

  /// The answer. Only once `advance()` has returned true.
  const Verdict& verdict() const;

  /// The state that a method carries from step to step.
  class Steps;

 private:
  std::unique_ptr<Steps> steps_;  // empty when the answer was there at once
  Verdict verdict_;
};

/// Drives a check of n to its end on the calling thread.
Verdict check(const Integer& n, Algorithm algorithm = Algorithm::automatic);

}  // namespace primes
