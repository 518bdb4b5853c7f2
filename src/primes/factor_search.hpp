#pragma once

#include <cstdint>
#include <span>

#include "primes/gmp.hpp"
#include "primes/steps.hpp"
#include "primes/table.hpp"

namespace primes::detail {

/// Looks for a small prime factor of an odd n of two limbs or more, in bounded steps. How far it
/// looks depends on what the tests after it cost: it pays to divide as long as the chance of a hit,
/// 1 in p, times the cost of a test exceeds the cost of a division.
class FactorSearch {
 public:
  /// `n` must outlive the search.
  explicit FactorSearch(std::span<const Limb> n);

  /// `failed` once a factor is found, `passed` when there is none up to the limit.
  Outcome advance();

  double total_ns() const { return total_ns_; }
  double done_ns() const;

 private:
  std::span<const Limb> n_;
  std::uint64_t limit_;
  double division_ns_;
  double total_ns_;
  TableWalk walk_;
  std::uint64_t prime_;  // the next one to try
};

}  // namespace primes::detail
