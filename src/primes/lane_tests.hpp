#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "primes/lanes.hpp"
#include "primes/word_tests.hpp"

#if defined(__x86_64__)

// The tests of word_tests.hpp for several vectors of eight numbers at once. One vector alone would
// wait for each product; the processor works on the others meanwhile.
namespace primes::detail {

/// The numbers that one bit pattern after another is read from, all from the same top bit down. A
/// number that is shorter starts with zeros, which change nothing.
template <std::size_t vectors>
struct Exponents {
  Lanes values[vectors];  // even: n − 1 or n + 1

  PRIMES_LANES int width() const { return static_cast<int>(std::bit_width(joined(values))); }

  /// The most zeros that any of them ends in.
  PRIMES_LANES int most_zeros() const {
    Lanes lowest[vectors];
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      const Lanes negative = _mm512_sub_epi64(_mm512_setzero_si512(), values[v]);
      lowest[v] = _mm512_and_si512(values[v], negative);
    }
    return static_cast<int>(std::bit_width(joined(lowest))) - 1;
  }

  /// Which have a one at `bit`.
  PRIMES_LANES LaneMask ones(std::size_t v, int bit) const {
    return _mm512_test_epi64_mask(values[v], all(std::uint64_t{1} << bit));
  }

  /// Which have zeros only below `bit`.
  PRIMES_LANES LaneMask ended(std::size_t v, int bit) const {
    return _mm512_testn_epi64_mask(values[v], all((std::uint64_t{1} << bit) - 1));
  }

 private:
  PRIMES_LANES static std::uint64_t joined(const Lanes* lanes) {
    Lanes sum = lanes[0];
    PRIMES_UNROLL for (std::size_t v = 1; v < vectors; ++v) sum = _mm512_or_si512(sum, lanes[v]);
    return static_cast<std::uint64_t>(_mm512_reduce_or_epi64(sum));
  }
};

/// Bit i of the answer tells whether numbers[i] passes the strong test to base 2.
template <class Modulus, std::size_t vectors>
[[PRIMES_LANES_TARGET]] std::uint64_t lanes_pass_strong_base_2(const std::uint64_t* numbers) {
  Modulus modulus[vectors];
  typename Modulus::Residue x[vectors];
  Exponents<vectors> exponents;
  PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
    const Lanes n = load(numbers + 8 * v);
    modulus[v] = Modulus(n);
    exponents.values[v] = _mm512_sub_epi64(n, all(1));
  }
  int bit = exponents.width() - Modulus::first_bits;
  const __m128i first_shift = _mm_cvtsi32_si128(bit);
  PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
    const Lanes first = _mm512_srl_epi64(exponents.values[v], first_shift);
    x[v] = modulus[v].form(_mm512_sllv_epi64(all(1), first));
  }
  const int most_zeros = exponents.most_zeros();
  while (--bit > most_zeros) {
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      x[v] = modulus[v].square(x[v], exponents.ones(v, bit));
    }
  }
  // From here on some of the bits are the zeros that n − 1 ends in: at its lowest one x is 2^d, and
  // may be 1; there and below it may be −1, which is n − 1.
  std::uint64_t passing = 0;
  for (; bit > 0; --bit) {
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      x[v] = modulus[v].square(x[v], exponents.ones(v, bit));
      const LaneMask ended = exponents.ended(v, bit);
      if (ended == 0) continue;
      const Lanes plain = modulus[v].plain(x[v]);
      const LaneMask minus_one = _mm512_mask_cmpeq_epi64_mask(ended, plain, exponents.values[v]);
      const auto at_d = static_cast<LaneMask>(ended & exponents.ones(v, bit));
      const LaneMask one = _mm512_mask_cmpeq_epi64_mask(at_d, plain, all(1));
      passing |= static_cast<std::uint64_t>(minus_one | one) << (8 * v);
    }
  }
  return passing;
}

/// The first P in 3, 4, 5, … with (P² − 4 / n) = −1, for each of eight n without a prime factor
/// below 18. 0 where n is seen to be composite.
[[PRIMES_LANES_TARGET]] void choose_ps(const std::uint64_t* numbers, std::uint64_t* ps);

/// Bit i of the answer tells whether numbers[i] passes the extra strong Lucas test.
template <class Modulus, std::size_t vectors>
[[PRIMES_LANES_TARGET]] std::uint64_t lanes_pass_extra_strong_lucas(const std::uint64_t* numbers) {
  Modulus modulus[vectors];
  Lanes p[vectors];
  typename Modulus::Residue low[vectors];
  typename Modulus::Residue high[vectors];
  typename Modulus::Residue minus_p[vectors];
  typename Modulus::Residue minus_two[vectors];
  Exponents<vectors> exponents;
  std::uint64_t possible = 0;
  PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
    const Lanes n = load(numbers + 8 * v);
    modulus[v] = Modulus(n);
    exponents.values[v] = _mm512_add_epi64(n, all(1));
    alignas(64) std::uint64_t ps[8];
    choose_ps(numbers + 8 * v, ps);
    p[v] = load(ps);
    possible |= std::uint64_t{_mm512_test_epi64_mask(p[v], p[v])} << (8 * v);
    low[v] = modulus[v].form(all(2));
    high[v] = modulus[v].form(p[v]);
    minus_two[v] = modulus[v].negative(all(2));
    minus_p[v] = modulus[v].negative(p[v]);
  }
  const int most_zeros = exponents.most_zeros();
  std::uint64_t passing = 0;
  for (int bit = exponents.width() - 1; bit > 0; --bit) {
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      const LaneMask one = exponents.ones(v, bit);
      const auto squared = Modulus::select(one, low[v], high[v]);
      const auto between = modulus[v].multiply_add(low[v], high[v], minus_p[v]);
      const auto doubled = modulus[v].square_add(squared, minus_two[v]);
      low[v] = Modulus::select(one, doubled, between);
      high[v] = Modulus::select(one, between, doubled);
    }
    if (bit > most_zeros) continue;
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      const LaneMask ended = exponents.ended(v, bit);
      if (ended == 0) continue;
      const Lanes n = load(numbers + 8 * v);
      const Lanes two = all(2);
      const Lanes value = modulus[v].plain(low[v]);
      const Lanes next = modulus[v].plain(high[v]);
      LaneMask plus = _mm512_mask_cmpeq_epi64_mask(ended, value, two);
      plus = _mm512_mask_cmpeq_epi64_mask(plus, next, p[v]);
      LaneMask minus = _mm512_mask_cmpeq_epi64_mask(ended, value, _mm512_sub_epi64(n, two));
      minus = _mm512_mask_cmpeq_epi64_mask(minus, next, _mm512_sub_epi64(n, p[v]));
      // V_(d · 2^r) = 0 counts for r < s − 1 only, which is where a bit is still to come.
      const LaneMask zero = bit > 1 ? _mm512_mask_testn_epi64_mask(ended, value, value) : 0;
      const auto at_d = static_cast<LaneMask>((plus | minus) & exponents.ones(v, bit));
      passing |= static_cast<std::uint64_t>(at_d | zero) << (8 * v);
    }
  }
  return passing & possible;
}

}  // namespace primes::detail

#endif
