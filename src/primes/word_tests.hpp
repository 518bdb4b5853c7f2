#pragma once

#include "primes/word_modulus.hpp"

namespace primes::detail {

/// The strong test to base 2: with n − 1 = d · 2^s and d odd, 2^d = 1 or 2^(d · 2^r) = −1 for some
/// r < s. Every odd prime passes.
bool passes_strong_base_2(const WordModulus& modulus) noexcept;

/// The first P in 3, 4, 5, … with (P² − 4 / n) = −1; 0 if the search shows that n is composite.
std::uint64_t choose_p(std::uint64_t n) noexcept;

/// The extra strong Lucas test: with Q = 1, the first P in 3, 4, 5, … for which (P² − 4 / n) = −1,
/// and n + 1 = d · 2^s, either U_d = 0 and V_d = ±2, or V_(d · 2^r) = 0 for some r < s − 1. Every
/// prime above 2^32 passes. (Grantham, "Frobenius pseudoprimes", 2001; the choice of P is
/// Baillie's, OEIS A217719.)
bool passes_extra_strong_lucas(const WordModulus& modulus) noexcept;

/// Whether an n below 2^32 is one of the composites without a prime factor below 150 that pass a
/// test to base 2.
bool is_base_2_exception(std::uint64_t n) noexcept;

/// Exact from 2^20 to 2^32, for n without a prime factor below 150.
bool fermat_base_2(std::uint64_t n) noexcept;

/// Exact from 2^32 to 2^64, for n without a prime factor below 150.
bool bpsw(std::uint64_t n) noexcept;

}  // namespace primes::detail
