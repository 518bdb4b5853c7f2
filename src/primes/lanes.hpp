#pragma once

// Eight numbers side by side, for processors that multiply the low 52 bits of eight words at once
// (AVX-512 IFMA). The rest of the program is compiled without these instructions, so that each
// function that has them names them, and nobody calls it before having asked the processor.

namespace primes::detail {

/// Whether this processor, and the system that runs it, has these instructions.
bool lanes_available() noexcept;

}  // namespace primes::detail

#if defined(__x86_64__)

// GCC 12 takes what its own header leaves undefined on purpose for a mistake of ours.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <cstddef>
#include <cstdint>

#define PRIMES_LANES_TARGET gnu::target("avx512f,avx512cd,avx512dq,avx512vl,avx512ifma")
#define PRIMES_LANES [[PRIMES_LANES_TARGET, gnu::always_inline]] inline
#define PRIMES_UNROLL _Pragma("GCC unroll 16")

namespace primes::detail {

using Lanes = __m512i;
using LaneMask = __mmask8;

inline constexpr std::uint64_t mask_52 = (std::uint64_t{1} << 52) - 1;

PRIMES_LANES Lanes all(std::uint64_t value) {
  return _mm512_set1_epi64(static_cast<long long>(value));
}

PRIMES_LANES Lanes load(const std::uint64_t* from) { return _mm512_loadu_si512(from); }

/// sum + the low, or the high, 52 bits of the product of the low 52 bits of a and b.
PRIMES_LANES Lanes add_low(Lanes sum, Lanes a, Lanes b) { return _mm512_madd52lo_epu64(sum, a, b); }
PRIMES_LANES Lanes add_high(Lanes sum, Lanes a, Lanes b) {
  return _mm512_madd52hi_epu64(sum, a, b);
}

/// The lesser of a and a − b as words: a − b unless it is negative.
PRIMES_LANES Lanes subtract_if_fits(Lanes a, Lanes b) {
  return _mm512_min_epu64(a, _mm512_sub_epi64(a, b));
}

/// −1/n modulo 2^64; as in word_modulus.hpp.
PRIMES_LANES Lanes negative_inverse(Lanes n) {
  const Lanes one = all(1);
  Lanes x = _mm512_xor_si512(_mm512_add_epi64(n, _mm512_add_epi64(n, n)), all(2));
  Lanes y = _mm512_sub_epi64(one, _mm512_mullo_epi64(n, x));
  for (int i = 0; i < 3; ++i) {
    x = _mm512_mullo_epi64(x, _mm512_add_epi64(one, y));
    y = _mm512_mullo_epi64(y, y);
  }
  x = _mm512_mullo_epi64(x, _mm512_add_epi64(one, y));
  return _mm512_sub_epi64(_mm512_setzero_si512(), x);
}

}  // namespace primes::detail

#endif
