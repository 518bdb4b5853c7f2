#include <algorithm>
#include <bit>

#include "primes/word_tests.hpp"

namespace primes::detail {

bool passes_strong_base_2(const WordModulus& modulus) noexcept {
  const std::uint64_t n = modulus.n();
  const int s = std::countr_zero(n - 1);
  const std::uint64_t d = (n - 1) >> s;
  // The power is built from the top bit of d down. Its first six bits make a power of two that fits
  // a word, and one division instead of six squarings.
  const auto width = static_cast<int>(std::bit_width(d));
  int bit = width - std::min(width, 6);
  std::uint64_t x = modulus.form(std::uint64_t{1} << (d >> bit));
  while (bit-- > 0) {
    x = modulus.square(x);
    const std::uint64_t mask = 0 - (d >> bit & 1);
    x = modulus.add(x, x & mask);
  }
  if (x == modulus.one() || x == modulus.minus_one()) return true;
  for (int r = 1; r < s; ++r) {
    x = modulus.square(x);
    if (x == modulus.minus_one()) return true;
  }
  return false;
}

}  // namespace primes::detail
