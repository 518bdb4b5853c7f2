#pragma once

#include "primes/lanes.hpp"

#if defined(__x86_64__)

namespace primes::detail {

/// Arithmetic modulo eight odd numbers from 2^20 below 2^50, in Montgomery form with R = 2^52. A
/// residue is held below 2n: (2n)² / 2^52 + n is below 2n again.
class NarrowLanes {
 public:
  using Residue = Lanes;

  PRIMES_LANES explicit NarrowLanes(Lanes n) : n_(n), inverse_(negative_inverse(n)) {
    // The quotient in floating point is off by one at most.
    const __m512d real = _mm512_cvtepu64_pd(n);
    const __m512d quotient = _mm512_div_pd(_mm512_set1_pd(0x1p52), real);
    const Lanes rest = _mm512_sub_epi64(all(std::uint64_t{1} << 52),
                                        _mm512_mullo_epi64(_mm512_cvttpd_epu64(quotient), n));
    one_ = _mm512_min_epu64(rest, _mm512_add_epi64(rest, n));
  }

  PRIMES_LANES NarrowLanes() {}

  /// The form of values below 2^10.
  PRIMES_LANES Residue form(Lanes values) const {
    const Lanes product = _mm512_mullo_epi64(one_, values);
    const __m512d quotient = _mm512_div_pd(_mm512_cvtepu64_pd(product), _mm512_cvtepu64_pd(n_));
    const Lanes rest =
        _mm512_sub_epi64(product, _mm512_mullo_epi64(_mm512_cvttpd_epu64(quotient), n_));
    return subtract_if_fits(_mm512_min_epu64(rest, _mm512_add_epi64(rest, n_)), n_);
  }

  /// How many leading bits of an exponent make a power of two that form() takes.
  static constexpr int first_bits = 3;

  /// What is to be added in place of subtracting the form of values below 2^10.
  PRIMES_LANES Residue negative(Lanes values) const { return _mm512_sub_epi64(n_, form(values)); }

  /// a², and twice that where `twice` says so.
  PRIMES_LANES Residue square(Residue a, LaneMask twice) const {
    const Residue squared = multiply(a, a);
    const Residue doubled = _mm512_mask_add_epi64(squared, twice, squared, squared);
    return subtract_if_fits(doubled, _mm512_add_epi64(n_, n_));
  }

  /// a · b + addend, which is at most n.
  PRIMES_LANES Residue multiply_add(Residue a, Residue b, Residue addend) const {
    return subtract_if_fits(_mm512_add_epi64(multiply(a, b), addend), _mm512_add_epi64(n_, n_));
  }

  PRIMES_LANES Residue square_add(Residue a, Residue addend) const {
    return multiply_add(a, a, addend);
  }

  PRIMES_LANES static Residue select(LaneMask mask, Residue otherwise, Residue chosen) {
    return _mm512_mask_mov_epi64(otherwise, mask, chosen);
  }

  /// The number, from 0 below n, that the residue stands for.
  PRIMES_LANES Lanes plain(Residue a) const {
    const Lanes low = _mm512_add_epi64(a, all(mask_52));
    const Lanes quotient = add_low(inverse_, low, inverse_);
    const Lanes reduced = add_high(_mm512_srli_epi64(low, 52), quotient, n_);
    return subtract_if_fits(reduced, n_);
  }

 private:
  // With `quotient` = −a·b/n mod 2^52, the low halves of a·b and quotient·n add up to 0 or 2^52: to
  // 2^52 unless both are 0. So does the low half of a·b and 2^52 − 1, without a product.
  PRIMES_LANES Residue multiply(Residue a, Residue b) const {
    const Lanes low = add_low(all(mask_52), a, b);
    const Lanes high = add_high(_mm512_setzero_si512(), a, b);
    const Lanes quotient = add_low(inverse_, low, inverse_);  // low is one less modulo 2^52
    return _mm512_add_epi64(add_high(high, quotient, n_), _mm512_srli_epi64(low, 52));
  }

  Lanes n_;
  Lanes inverse_;
  Lanes one_;
};

}  // namespace primes::detail

#endif
