#include "primes/lucas_test.hpp"

#include <algorithm>
#include <bit>

#include "primes/jacobi.hpp"

namespace primes::detail {
namespace {

// How many zeros n + 1 ends in: as many as n ends in ones.
std::size_t trailing_ones(std::span<const Limb> n) {
  std::size_t limb = 0;
  while (limb < n.size() && n[limb] == ~Limb{0}) ++limb;
  if (limb == n.size()) return 64 * limb;
  return 64 * limb + static_cast<std::size_t>(std::countr_one(n[limb]));
}

}  // namespace

// d = (n + 1) / 2^s is (n >> s) | 1: n >> s ends in a zero where d has its one. So n + 1, which may
// need another limb, is never formed.
LucasTest::LucasTest(Modulus& modulus)
    : modulus_(modulus),
      odd_from_(trailing_ones(modulus.n())),
      bit_(std::max(modulus.bits() - 1, odd_from_)) {}

Outcome LucasTest::advance() {
  if (small_p_ == 0) return choose_p();
  const double doubling_ns = modulus_.product_ns();
  double spent_ns = 0;
  while (spent_ns < step_ns) {
    if (bit_ > odd_from_) {
      climb();
      spent_ns += 2 * doubling_ns;
      continue;
    }
    if (bit_ == odd_from_ && at_plus_or_minus_two()) return Outcome::passed;
    // V_(d · 2^r) counts for r < s − 1 only; at bit i, r is s − i.
    if (bit_ <= 1) return Outcome::failed;
    if (modulus_.equal(low_, zero_)) return Outcome::passed;
    --bit_;
    modulus_.square_add(low_, minus_two_);
    spent_ns += doubling_ns;
  }
  return Outcome::unfinished;
}

// The first P in 3, 4, 5, … with (P² − 4 / n) = −1. For a square there is none, so that a square is
// suspected, and looked for, after a long run of bad luck: half of all P will do otherwise.
Outcome LucasTest::choose_p() {
  constexpr Limb suspicious = 24;
  const std::span<const Limb> n = modulus_.n();
  const auto size = static_cast<mp_size_t>(n.size());
  for (Limb p = 3;; ++p) {
    const Limb discriminant = p * p - 4;
    // (a/n) with n large: by reciprocity only n mod 8a matters, and jacobi() reads that far itself.
    const Limb rest = mpn_mod_1(n.data(), size, 8 * discriminant);
    const int symbol = jacobi(discriminant, rest);
    if (symbol == 0) return Outcome::failed;
    if (symbol == -1) {
      small_p_ = p;
      break;
    }
    if (p == suspicious && mpn_perfect_square_p(n.data(), size) != 0) return Outcome::failed;
  }
  zero_ = modulus_.form(0);
  p_ = minus_p_ = modulus_.form(small_p_);
  two_ = minus_two_ = modulus_.form(2);
  modulus_.negate(minus_p_);
  modulus_.negate(minus_two_);
  low_ = p_;
  high_ = p_;
  modulus_.square_add(high_, minus_two_);
  return Outcome::unfinished;
}

// One step of the ladder, from (V_k, V_(k+1)) to (V_2k, V_(2k+1)) or (V_(2k+1), V_(2k+2)).
void LucasTest::climb() {
  --bit_;
  const bool one = bit_ == odd_from_ || modulus_.bit(bit_);
  Modulus::Residue& between = one ? low_ : high_;
  Modulus::Residue& doubled = one ? high_ : low_;
  modulus_.climb(between, doubled, minus_p_, minus_two_);
}

// (P² − 4) U_d = 2 V_(d+1) − P V_d, so that U_d = 0 and V_d = ±2 together mean V_(d+1) = ±P.
bool LucasTest::at_plus_or_minus_two() const {
  if (modulus_.equal(low_, two_)) return modulus_.equal(high_, p_);
  return modulus_.equal(low_, minus_two_) && modulus_.equal(high_, minus_p_);
}

double LucasTest::progress() const {
  return 1 - static_cast<double>(bit_) / static_cast<double>(modulus_.bits());
}

}  // namespace primes::detail
