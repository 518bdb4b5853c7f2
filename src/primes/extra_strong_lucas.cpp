#include <bit>

#include "primes/isqrt.hpp"
#include "primes/jacobi.hpp"
#include "primes/word_tests.hpp"

namespace primes::detail {

std::uint64_t choose_p(std::uint64_t n) noexcept {
  // For a square there is none. Half of all P will do otherwise, so that a square is suspected, and
  // its root taken, only after a long run of bad luck.
  constexpr std::uint64_t suspicious = 24;
  for (std::uint64_t p = 3;; ++p) {
    const int symbol = jacobi(p * p - 4, n);
    if (symbol == -1) return p;
    if (symbol == 0) return 0;  // P² − 4 < n has a factor in common with n
    if (p == suspicious && isqrt(n) * isqrt(n) == n) return 0;
  }
}

bool passes_extra_strong_lucas(const WordModulus& modulus) noexcept {
  const std::uint64_t n = modulus.n();
  const std::uint64_t small_p = choose_p(n);
  if (small_p == 0) return false;
  const std::uint64_t p = modulus.form(small_p);
  const std::uint64_t two = modulus.form(2);
  const int s = std::countr_one(n);
  // n + 1 may not fit a word, its odd part d always does: n >> s ends in a zero where d has its
  // one.
  const std::uint64_t d = s == 64 ? 1 : n >> s | 1;

  // The ladder goes from (V_k, V_(k+1)) to (V_2k, V_(2k+1)) or (V_(2k+1), V_(2k+2)) with
  // V_2k = V_k² − 2 and V_(2k+1) = V_k V_(k+1) − P. The two products do not wait for each other.
  std::uint64_t low = p;
  std::uint64_t high = modulus.subtract(modulus.square(p), two);
  for (int bit = static_cast<int>(std::bit_width(d)) - 1; bit-- > 0;) {
    const std::uint64_t mask = 0 - (d >> bit & 1);
    const std::uint64_t squared = low ^ ((low ^ high) & mask);
    const std::uint64_t between = modulus.subtract(modulus.multiply(low, high), p);
    const std::uint64_t doubled = modulus.subtract(modulus.square(squared), two);
    const std::uint64_t difference = (between ^ doubled) & mask;
    low = doubled ^ difference;
    high = between ^ difference;
  }

  // (P² − 4) U_d = 2 V_(d+1) − P V_d, so that U_d = 0 and V_d = ±2 together mean V_(d+1) = ±P.
  if (low == two && high == p) return true;
  if (low == n - two && high == n - p) return true;
  for (int r = 0; r + 1 < s; ++r) {
    if (low == 0) return true;
    low = modulus.subtract(modulus.square(low), two);
  }
  return false;
}

}  // namespace primes::detail
