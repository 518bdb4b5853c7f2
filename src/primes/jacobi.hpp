#pragma once

#include <bit>
#include <cstdint>
#include <utility>

namespace primes::detail {

/// The Jacobi symbol (a/n) for an odd n: 0 when they have a factor in common, else 1 or -1.
/// Binary, after Cohen, "A Course in Computational Algebraic Number Theory", algorithm 1.4.10.
constexpr int jacobi(std::uint64_t a, std::uint64_t n) {
  int sign = 1;
  a %= n;
  while (a != 0) {
    const int twos = std::countr_zero(a);
    a >>= twos;
    if (twos % 2 != 0 && (n % 8 == 3 || n % 8 == 5)) sign = -sign;
    if (a % 4 == 3 && n % 4 == 3) sign = -sign;
    std::swap(a, n);
    a %= n;
  }
  return n == 1 ? sign : 0;
}

}  // namespace primes::detail
