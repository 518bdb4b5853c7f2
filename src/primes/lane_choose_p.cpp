#include <array>
#include <cstddef>
#include <cstdint>

#include "primes/lane_tests.hpp"
#include "primes/lanes.hpp"
#include "primes/word_tests.hpp"

#if defined(__x86_64__)

namespace primes::detail {
namespace {

// Which of the residues modulo a small prime q are no squares: bit r for r.
constexpr std::uint64_t nonresidues(std::uint64_t q) {
  std::uint64_t squares = 1;
  for (std::uint64_t r = 1; r < q; ++r) squares |= std::uint64_t{1} << r * r % q;
  return ~squares & ((std::uint64_t{1} << q) - 1);
}

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

// P² − 4 without its square factors is 5, 3, 21, 2 for P = 3, 4, 5, 6, and so on. All of these
// have small primes only, and the numbers here have none of them. One number in 128 gets no P of
// those that are tried, and the squares are among them.
[[PRIMES_LANES_TARGET]] Lanes choose_ps(const std::uint64_t* numbers) {
  const Lanes n = load(numbers);
  const LaneMask by_2 =
      _mm512_test_epi64_mask(_mm512_xor_si512(n, _mm512_srli_epi64(n, 1)), all(2));
  const LaneMask by_3 = minus<3>(n);
  const LaneMask by_5 = minus<5>(n);
  const LaneMask by_7 = minus<7>(n);
  const LaneMask by_11 = minus<11>(n);
  const LaneMask by_13 = minus<13>(n);
  const LaneMask by_17 = minus<17>(n);
  const struct {
    int mask;
    std::uint64_t p;
  } choices[] = {{by_7, 16},        {by_13 ^ by_17, 15}, {by_3 ^ by_5 ^ by_11, 13},
                 {by_5 ^ by_7, 12}, {by_13, 11},         {by_2 ^ by_3, 10},
                 {by_7 ^ by_11, 9}, {by_3 ^ by_5, 8},    {by_2, 6},
                 {by_3 ^ by_7, 5},  {by_3, 4},           {by_5, 3}};
  Lanes p = _mm512_setzero_si512();
  PRIMES_UNROLL for (const auto& choice : choices) {
    p = _mm512_mask_mov_epi64(p, static_cast<LaneMask>(choice.mask), all(choice.p));
  }
  const LaneMask without = _mm512_testn_epi64_mask(p, p);
  if (without == 0) return p;
  alignas(64) std::array<std::uint64_t, 8> chosen;
  _mm512_store_si512(chosen.data(), p);
  for (std::size_t i = 0; i < 8; ++i) {
    if ((without >> i & 1) != 0) chosen[i] = choose_p(numbers[i]);
  }
  return load(chosen.data());
}

}  // namespace primes::detail

#endif
