#pragma once

#include <cmath>
#include <cstdint>

namespace primes::detail {

/// floor(sqrt(n)), exact for every 64-bit n. The double's root is off by one at most, since a
/// double holds 53 bits and n may have 64; the two corrections divide, because r·r may not fit.
inline std::uint64_t isqrt(std::uint64_t n) {
  auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n)));
  while (root > 0 && root > n / root) --root;
  while (root + 1 <= n / (root + 1)) ++root;
  return root;
}

}  // namespace primes::detail
