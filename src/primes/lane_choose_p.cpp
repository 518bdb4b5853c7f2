#include <cstddef>
#include <cstdint>

#include "primes/lane_tests.hpp"
#include "primes/lanes.hpp"
#include "primes/lucas_parameter.hpp"
#include "primes/word_tests.hpp"

#if defined(__x86_64__)

namespace primes::detail {
namespace {

// Where (q/n) = −1. By reciprocity (q/n) = (n/q), with the other sign when both are 3 modulo 4.
template <std::uint64_t q>
PRIMES_LANES LaneMask minus(Lanes n) {
  static_assert(q % 2 == 1 && q < 64);
  // Below 2^39. The rounded reciprocal gives the exact quotient by q of anything below 2^52 / q.
  const Lanes top = _mm512_mul_epu32(_mm512_srli_epi64(n, 32), all((std::uint64_t{1} << 32) % q));
  const Lanes folded =
      _mm512_add_epi64(top, _mm512_and_si512(n, all((std::uint64_t{1} << 32) - 1)));
  const Lanes quotient = add_high(_mm512_setzero_si512(), folded, all(mask_52 / q + 1));
  const Lanes residue = _mm512_sub_epi64(folded, _mm512_mul_epu32(quotient, all(q)));
  const LaneMask symbol =
      _mm512_test_epi64_mask(_mm512_srlv_epi64(all(nonresidues(q)), residue), all(1));
  if (q % 4 == 1) return symbol;
  return static_cast<LaneMask>(symbol ^ _mm512_test_epi64_mask(n, all(2)));
}

}  // namespace

// The numbers here have none of the small primes. Squares are among those that get no P of the
// first few.
[[PRIMES_LANES_TARGET]] void choose_ps(const std::uint64_t* numbers, std::uint64_t* ps) {
  const Lanes n = load(numbers);
  const LaneMask by_2 =
      _mm512_test_epi64_mask(_mm512_xor_si512(n, _mm512_srli_epi64(n, 1)), all(2));
  const auto suitable = suitable_ps(
      {by_2, minus<3>(n), minus<5>(n), minus<7>(n), minus<11>(n), minus<13>(n), minus<17>(n)});
  Lanes p = _mm512_setzero_si512();
  PRIMES_UNROLL for (const SuitableP& choice : suitable) {
    p = _mm512_mask_mov_epi64(p, static_cast<LaneMask>(choice.where), all(choice.p));
  }
  _mm512_storeu_si512(ps, p);
  const LaneMask without = _mm512_testn_epi64_mask(p, p);
  if (without == 0) return;
  for (std::size_t i = 0; i < 8; ++i) {
    if ((without >> i & 1) != 0) ps[i] = choose_p(numbers[i]);
  }
}

}  // namespace primes::detail

#endif
