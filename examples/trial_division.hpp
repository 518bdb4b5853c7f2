#pragma once

#include <cmath>
#include <cstdint>

// What the chapter's checks that let others run now and then have in common.

/// The square root of n, rounded down: a double's may be one off.
inline std::uint64_t floor_sqrt(std::uint64_t n) {
  auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n)));
  while (root > n / root) --root;
  while (root + 1 <= n / (root + 1)) ++root;
  return root;
}

/// Whether one of the odd numbers from `first` to `last` divides n.
inline bool has_odd_divisor(std::uint64_t n, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t i = first; i <= last; i += 2) {
    if (n % i == 0) return true;
  }
  return false;
}
