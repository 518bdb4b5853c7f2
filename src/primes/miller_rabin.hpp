#pragma once

#include <cstdint>
#include <span>

namespace primes::detail {

/// Whether n lies below psi_13 = 3317044064679887385961981, the least composite that passes the
/// strong tests to all of the first 13 prime bases (Sorenson and Webster, "Strong pseudoprimes to
/// twelve prime bases", 2015, arXiv 1509.00864; OEIS A014233).
bool below_psi_13(std::span<const std::uint64_t> n);

}  // namespace primes::detail
