#include <bit>

#include "primes/isqrt.hpp"
#include "primes/jacobi.hpp"
#include "primes/lucas_parameter.hpp"
#include "primes/word_tests.hpp"

namespace primes::detail {

namespace {

// The first P from `first` on; 0 if the search shows that n is composite.
std::uint64_t search_p(std::uint64_t n, std::uint64_t first) {
  // For a square there is none. Half of all P will do otherwise, so that a square is suspected, and
  // its root taken, only after a long run of bad luck.
  constexpr std::uint64_t suspicious = 24;
  for (std::uint64_t p = first;; ++p) {
    const int symbol = jacobi(p * p - 4, n);
    if (symbol == -1) return p;
    if (symbol == 0) return 0;  // P² − 4 < n has a factor in common with n
    if (p == suspicious && isqrt(n) * isqrt(n) == n) return 0;
  }
}

// Symbols of small primes q, from one division by the product of them all.
struct SmallSymbols {
  std::uint64_t n;
  std::uint32_t rest = static_cast<std::uint32_t>(n % (std::uint64_t{3} * 5 * 7 * 11 * 13 * 17));
  bool in_common = false;  // one of the primes divides n

  /// 1 where (q/n) = −1. By reciprocity (q/n) = (n/q), with the other sign when both are 3 mod 4.
  template <std::uint32_t q>
  unsigned minus() {
    const std::uint32_t residue = rest % q;
    in_common |= residue == 0;
    const std::uint64_t symbol = nonresidues(q) >> residue;
    return static_cast<unsigned>((q % 4 == 1 ? symbol : symbol ^ n >> 1) & 1);
  }
};

}  // namespace

// For the first values of P the symbols come from the residues modulo a few small primes, all
// without a branch. What these do not suit is left to the plain search.
std::uint64_t choose_p(std::uint64_t n) noexcept {
  SmallSymbols symbols{n};
  const auto by_2 = static_cast<unsigned>((n >> 1 ^ n >> 2) & 1);
  const auto choices =
      suitable_ps({by_2, symbols.minus<3>(), symbols.minus<5>(), symbols.minus<7>(),
                   symbols.minus<11>(), symbols.minus<13>(), symbols.minus<17>()});
  unsigned suitable = 0;
#pragma GCC unroll 16
  for (const SuitableP& choice : choices) suitable |= choice.where << choice.p;
  if (symbols.in_common) return search_p(n, 3);
  return suitable != 0 ? static_cast<std::uint64_t>(std::countr_zero(suitable)) : search_p(n, 17);
}

bool passes_extra_strong_lucas(const WordModulus& modulus) noexcept {
  const std::uint64_t n = modulus.n();
  const std::uint64_t small_p = choose_p(n);
  if (small_p == 0) return false;
  const std::uint64_t p = modulus.form(small_p);
  const std::uint64_t two = modulus.form(2);
  const int s = std::countr_one(n);
  // n + 1 may not fit a word, its odd part d always does: n >> s ends in a zero where d has a one.
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
