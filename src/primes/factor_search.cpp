#include "primes/factor_search.hpp"

#include <algorithm>
#include <array>

#include "primes/modulus.hpp"

namespace primes::detail {
namespace {

// About where the two costs meet, reckoned for 128 to 4096 bits and the faster arithmetic; beyond
// 9159 bits it is the table's end that limits the search. It depends on the length alone, so that
// the same number gets the same method on every machine.
std::uint64_t limit_for(std::span<const Limb> n) {
  const std::uint64_t bits = bit_length(n);
  return bits < 9159 ? bits * bits / 80 : table_end;
}

}  // namespace

FactorSearch::FactorSearch(std::span<const Limb> n)
    : n_(n), limit_(limit_for(n)), prime_(walk_.next()) {
  // A division is one pass over n by a product of three or four primes.
  division_ns_ = 30 + 1.2 * static_cast<double>(n.size());
  total_ns_ = static_cast<double>(limit_) / 12 / 3.5 * division_ns_;
}

// Primes are multiplied together as long as they fit a word: n is divided once by the product, and
// what remains, a single word, by each of them.
Outcome FactorSearch::advance() {
  std::array<std::uint64_t, 16> factors;  // 3 · 5 · … · 53, 15 of them, is the longest product
  for (double spent_ns = 0; spent_ns < step_ns; spent_ns += division_ns_) {
    std::uint64_t product = 1;
    std::size_t count = 0;
    while (prime_ != 0 && prime_ < limit_ && product <= ~std::uint64_t{0} / prime_) {
      product *= prime_;
      factors[count++] = prime_;
      prime_ = walk_.next();
    }
    if (count == 0) return Outcome::passed;
    const Limb rest = mpn_mod_1(n_.data(), static_cast<mp_size_t>(n_.size()), product);
    for (std::size_t i = 0; i < count; ++i) {
      if (rest % factors[i] == 0) return Outcome::failed;
    }
  }
  return Outcome::unfinished;
}

double FactorSearch::done_ns() const {
  if (prime_ == 0) return total_ns_;
  return total_ns_ * std::min(1.0, static_cast<double>(prime_) / static_cast<double>(limit_));
}

}  // namespace primes::detail
