#include "primes/strong_test.hpp"

#include <bit>

namespace primes::detail {
namespace {

// How many zeros n − 1 ends in.
std::size_t trailing_zeros_of_n_minus_1(std::span<const Limb> n) {
  std::size_t limb = 0;
  Limb word = n[0] & ~Limb{1};
  while (word == 0) word = n[++limb];
  return 64 * limb + static_cast<std::size_t>(std::countr_zero(word));
}

}  // namespace

StrongTest::StrongTest(Modulus& modulus, unsigned base)
    : modulus_(modulus),
      base_number_(base),
      odd_from_(trailing_zeros_of_n_minus_1(modulus.n())),
      bit_(modulus.bits() - 1),
      base_(modulus.form(base)),
      one_(modulus.form(1)),
      minus_one_(one_),
      x_(base_) {
  modulus.negate(minus_one_);
}

// Bits of n from the top down to `odd_from_` build a^d. From there on, each further bit is one of
// the squarings that look for −1.
Outcome StrongTest::advance() {
  for (double spent_ns = 0; spent_ns < step_ns; spent_ns += modulus_.product_ns()) {
    if (bit_ > odd_from_) {
      square_and_multiply();
      continue;
    }
    if (modulus_.equal(x_, minus_one_)) return Outcome::passed;
    if (bit_ == odd_from_ && modulus_.equal(x_, one_)) return Outcome::passed;
    // What is reached at bit 1 is a^((n-1)/2), and r = s − 1.
    if (bit_ <= 1) return Outcome::failed;
    --bit_;
    modulus_.square(x_);
  }
  return Outcome::unfinished;
}

void StrongTest::square_and_multiply() {
  --bit_;
  const bool one = modulus_.bit(bit_);
  // To double is all that a multiplication by 2 takes: this is what makes base 2 the cheapest.
  modulus_.square(x_, one && base_number_ == 2);
  if (one && base_number_ != 2) modulus_.multiply(x_, base_);
}

double StrongTest::progress() const {
  return 1 - static_cast<double>(bit_) / static_cast<double>(modulus_.bits());
}

}  // namespace primes::detail
