#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "primes/word_modulus.hpp"

namespace primes::detail {

/// n is a multiple of p exactly when n · (1/p mod 2^64) is at most (2^64 − 1) / p: one
/// multiplication for a division (Granlund and Montgomery, "Division by invariant integers", 1994,
/// section 9).
struct SmallDivisor {
  std::uint64_t inverse = 0;
  std::uint64_t limit = 0;
};

inline constexpr std::array<std::uint8_t, 34> small_odd_primes{
    3,  5,  7,  11, 13, 17, 19, 23,  29,  31,  37,  41,  43,  47,  53,  59,  61,
    67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149};

/// The odd primes below 150.
inline constexpr auto small_divisors = [] {
  std::array<SmallDivisor, small_odd_primes.size()> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = {inverse_mod_2_64(small_odd_primes[i]), ~std::uint64_t{0} / small_odd_primes[i]};
  }
  return all;
}();

/// Two numbers in three have a factor below 18.
inline constexpr std::size_t first_divisors = 6;

/// Without a branch for each prime: which of a few divides n is a toss-up that no processor
/// foresees.
template <std::size_t first, std::size_t last>
inline bool divides_any(std::uint64_t n) {
  bool found = false;
  for (std::size_t i = first; i < last; ++i)
    found |= n * small_divisors[i].inverse <= small_divisors[i].limit;
  return found;
}

/// Whether n, which is at least 2^20, has a prime factor below 150. The list of pseudoprimes in
/// euler_pseudoprimes.inc counts on that bound.
bool has_small_factor(std::uint64_t n) noexcept;

}  // namespace primes::detail
