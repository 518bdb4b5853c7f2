#pragma once

#include <cstdint>

namespace primes::detail {

/// Whether n, which is at least 2^20, has a prime factor below 150. The list of pseudoprimes in
/// euler_pseudoprimes.inc counts on that bound.
bool has_small_factor(std::uint64_t n) noexcept;

}  // namespace primes::detail
