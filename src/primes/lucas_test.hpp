#pragma once

#include <cstddef>

#include "primes/modulus.hpp"
#include "primes/steps.hpp"

namespace primes::detail {

/// The extra strong Lucas test of a large odd n, in bounded steps; what it says is told in
/// word_tests.hpp, at the same test for a word.
class LucasTest {
 public:
  /// `modulus` must outlive the test.
  explicit LucasTest(Modulus& modulus);

  /// `failed` when n is composite for sure.
  Outcome advance();

  /// From 0 to 1.
  double progress() const;

 private:
  Outcome choose_p();
  void climb();
  bool at_plus_or_minus_two() const;

  Modulus& modulus_;
  std::size_t odd_from_;  // s: bit i of d is bit i + s of n, but for bit 0, which is 1
  std::size_t bit_;       // the lowest bit of d · 2^s that is behind us
  Limb small_p_ = 0;      // 0 until it is chosen
  Modulus::Residue zero_;
  Modulus::Residue p_;
  Modulus::Residue minus_p_;
  Modulus::Residue two_;
  Modulus::Residue minus_two_;
  Modulus::Residue low_;   // V_k
  Modulus::Residue high_;  // V_(k+1)
};

}  // namespace primes::detail
