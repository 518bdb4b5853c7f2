#pragma once

#include "primes/lanes.hpp"

#if defined(__x86_64__)

namespace primes::detail {

/// Arithmetic modulo eight odd numbers from 2^50 below 2^64, in limbs of 52 bits. A residue x is
/// held as x · 2^52 modulo n. A product of two has three limbs; its top one is folded back as a
/// multiple of 2^104 mod n, its lowest one is cleared in Montgomery's way. What comes out is below
/// n + 2^54 plus what is added on the way, at most 2^66: nothing is ever subtracted, since there is
/// room for 2^67.
class WideLanes {
 public:
  /// low mod 2^52 + high · 2^52. The bits of `low` from 52 up have been added to `high`; the
  /// multiplications do not look at them.
  struct Residue {
    Lanes low;
    Lanes high;
  };

  PRIMES_LANES explicit WideLanes(Lanes n)
      : n_(n), n_high_(_mm512_srli_epi64(n, 52)), inverse_(negative_inverse(n)) {
    // 2^104 mod n, or up to 2n more. 2^52 is reduced first, so that the quotient, which floating
    // point gets right but for one, is below 2^52.
    Lanes power = all(std::uint64_t{1} << 52);
    power = subtract_if_fits(power, _mm512_add_epi64(n, n));
    power = subtract_if_fits(power, n);
    power = _mm512_mask_mov_epi64(power, _mm512_cmpgt_epu64_mask(n, all(mask_52)),
                                  all(std::uint64_t{1} << 52));
    const __m512d dividend = _mm512_mul_pd(_mm512_cvtepu64_pd(power), _mm512_set1_pd(0x1p52));
    const __m512d real = _mm512_div_pd(dividend, _mm512_cvtepu64_pd(n));
    const __m512d less = _mm512_sub_pd(real, _mm512_set1_pd(1));
    const Lanes quotient = _mm512_cvttpd_epu64(_mm512_max_pd(less, _mm512_setzero_pd()));
    const Lanes zero = _mm512_setzero_si512();
    const Lanes low = _mm512_sub_epi64(zero, add_low(zero, quotient, n));
    const Lanes multiple = add_low(add_high(zero, quotient, n), quotient, n_high_);
    const Lanes high =
        _mm512_add_epi64(_mm512_sub_epi64(power, multiple), _mm512_srai_epi64(low, 52));
    fold_low_ = low;
    fold_high_ = _mm512_and_si512(high, all(mask_52));
  }

  PRIMES_LANES WideLanes() {}

  /// The form of values of up to 2^15.
  PRIMES_LANES Residue form(Lanes values) const { return {_mm512_setzero_si512(), values}; }

  /// How many leading bits of an exponent make a power of two that form() takes.
  static constexpr int first_bits = 4;

  /// What is to be added in place of subtracting the form of values below 2^12: from a multiple of
  /// n between 2^64 and 2^65.
  PRIMES_LANES Residue negative(Lanes values) const {
    const Lanes shift = _mm512_add_epi64(_mm512_lzcnt_epi64(n_), all(1));
    const Lanes low = _mm512_and_si512(_mm512_sllv_epi64(n_, shift), all(mask_52));
    const Lanes high = _mm512_srlv_epi64(n_, _mm512_sub_epi64(all(52), shift));
    return {low, _mm512_sub_epi64(high, values)};
  }

  /// a², and twice that where `twice` says so.
  PRIMES_LANES Residue square(const Residue& a, LaneMask twice) const {
    const Lanes zero = _mm512_setzero_si512();
    const Residue squared = square_unfinished(a, {zero, zero});
    return carry({_mm512_mask_add_epi64(squared.low, twice, squared.low, squared.low),
                  _mm512_mask_add_epi64(squared.high, twice, squared.high, squared.high)});
  }

  PRIMES_LANES Residue square_add(const Residue& a, const Residue& addend) const {
    return carry(square_unfinished(a, addend));
  }

  PRIMES_LANES Residue multiply_add(const Residue& a, const Residue& b,
                                    const Residue& addend) const {
    const Lanes zero = _mm512_setzero_si512();
    const Lanes bottom = add_low(all(mask_52), a.low, b.low);
    Lanes middle = add_high(addend.low, a.low, b.low);
    middle = add_low(middle, a.low, b.high);
    middle = add_low(middle, a.high, b.low);
    Lanes top = add_high(zero, a.low, b.high);
    top = add_high(top, a.high, b.low);
    top = add_low(top, a.high, b.high);
    return carry(reduce(bottom, middle, top, addend.high));
  }

  PRIMES_LANES static Residue select(LaneMask mask, const Residue& otherwise,
                                     const Residue& chosen) {
    return {_mm512_mask_mov_epi64(otherwise.low, mask, chosen.low),
            _mm512_mask_mov_epi64(otherwise.high, mask, chosen.high)};
  }

  /// The number, from 0 below n, that the residue stands for.
  PRIMES_LANES Lanes plain(const Residue& a) const {
    const Lanes mask = all(mask_52);
    const Lanes bottom = _mm512_add_epi64(_mm512_and_si512(a.low, mask), mask);
    const Residue reduced = carry(clear(bottom, a.high, _mm512_setzero_si512()));
    const Lanes low = _mm512_and_si512(reduced.low, mask);
    // It is below n + 2^15.
    const Lanes less_low = _mm512_sub_epi64(low, _mm512_and_si512(n_, mask));
    const Lanes less_high =
        _mm512_add_epi64(_mm512_sub_epi64(reduced.high, n_high_), _mm512_srai_epi64(less_low, 52));
    const LaneMask negative = _mm512_movepi64_mask(less_high);
    const Lanes less =
        _mm512_or_si512(_mm512_and_si512(less_low, mask), _mm512_slli_epi64(less_high, 52));
    const Lanes as_is = _mm512_or_si512(low, _mm512_slli_epi64(reduced.high, 52));
    return _mm512_mask_mov_epi64(less, negative, as_is);
  }

 private:
  PRIMES_LANES Residue square_unfinished(const Residue& a, const Residue& addend) const {
    const Lanes twice_high = _mm512_add_epi64(a.high, a.high);
    const Lanes bottom = add_low(all(mask_52), a.low, a.low);
    Lanes middle = add_high(addend.low, a.low, a.low);
    middle = add_low(middle, a.low, twice_high);
    Lanes top = add_high(_mm512_setzero_si512(), a.low, twice_high);
    top = add_low(top, a.high, a.high);
    return reduce(bottom, middle, top, addend.high);
  }

  // The lowest limb comes in greater by 2^52 − 1, see clear().
  PRIMES_LANES Residue reduce(Lanes bottom, Lanes middle, Lanes top, Lanes high) const {
    bottom = add_low(bottom, top, fold_low_);
    middle = add_high(middle, top, fold_low_);
    middle = add_low(middle, top, fold_high_);
    return clear(bottom, middle, high);
  }

  // With `quotient` = −limb/n mod 2^52, limb and the low half of quotient · n add up to the next
  // multiple of 2^52. So what they carry is (limb + 2^52 − 1) / 2^52: that sum is what comes in.
  PRIMES_LANES Residue clear(Lanes bottom, Lanes middle, Lanes high) const {
    const Lanes quotient = add_low(inverse_, bottom, inverse_);
    Lanes low = add_high(middle, quotient, n_);
    low = add_low(low, quotient, n_high_);
    high = add_high(high, quotient, n_high_);
    return {_mm512_add_epi64(low, _mm512_srli_epi64(bottom, 52)), high};
  }

  PRIMES_LANES static Residue carry(const Residue& a) {
    return {a.low, _mm512_add_epi64(a.high, _mm512_srli_epi64(a.low, 52))};
  }

  Lanes n_;  // its low 52 bits are the low limb
  Lanes n_high_;
  Lanes inverse_;
  Lanes fold_low_;  // 2^104 mod n
  Lanes fold_high_;
};

}  // namespace primes::detail

#endif
