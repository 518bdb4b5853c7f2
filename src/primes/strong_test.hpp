#pragma once

#include <cstddef>

#include "primes/modulus.hpp"
#include "primes/steps.hpp"

namespace primes::detail {

/// The strong test of a large odd n to a small base a, in bounded steps: with n − 1 = d · 2^s and d
/// odd, a^d = 1 or a^(d · 2^r) = −1 for some r < s. Every prime that does not divide a passes.
class StrongTest {
 public:
  /// `modulus` must outlive the test.
  StrongTest(Modulus& modulus, unsigned base);

  /// `failed` when n is composite for sure.
  Outcome advance();

  /// From 0 to 1.
  double progress() const;

 private:
  void square_and_multiply();

  Modulus& modulus_;
  unsigned base_number_;
  std::size_t odd_from_;  // s: bit i of d is bit i + s of n
  std::size_t bit_;       // the lowest bit of n that is behind us
  Modulus::Residue base_;
  Modulus::Residue one_;
  Modulus::Residue minus_one_;
  Modulus::Residue x_;
};

}  // namespace primes::detail
