#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "primes/batch.hpp"
#include "primes/lane_tests.hpp"
#include "primes/lanes.hpp"
#include "primes/narrow_lanes.hpp"
#include "primes/small_factor.hpp"
#include "primes/table.hpp"
#include "primes/wide_lanes.hpp"

#if defined(__x86_64__)

namespace primes::detail {
namespace {

// Those of eight that are chosen, closely packed, and room for eight. Packing into a register first
// is many times as fast as packing into memory on Zen 4.
PRIMES_LANES void append(Pending& pending, LaneMask chosen, Lanes numbers, Lanes places) {
  _mm512_storeu_si512(pending.numbers.data() + pending.count,
                      _mm512_maskz_compress_epi64(chosen, numbers));
  _mm512_storeu_si512(pending.places.data() + pending.count,
                      _mm512_maskz_compress_epi64(chosen, places));
  pending.count += static_cast<std::size_t>(__builtin_popcount(chosen));
}

// As has_small_factor() does it, without those that are out already.
template <std::size_t first, std::size_t last>
PRIMES_LANES LaneMask undivided(LaneMask left, Lanes n) {
  PRIMES_UNROLL for (std::size_t i = first; i < last; ++i) {
    const Lanes quotient = _mm512_mullo_epi64(n, all(small_divisors[i].inverse));
    left = _mm512_mask_cmpgt_epu64_mask(left, quotient, all(small_divisors[i].limit));
  }
  return left;
}

// What the first few primes leave, a third, moves together before the others are tried.
[[PRIMES_LANES_TARGET]] void divide_first(const std::uint64_t* numbers, std::size_t count,
                                          std::uint64_t first, Divided& divided, Pending& left) {
  const Lanes steps = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
  for (std::size_t i = 0; i < count; i += 8) {
    const std::size_t rest = count - i;
    const auto valid = static_cast<LaneMask>(rest < 8 ? (1U << rest) - 1 : 255);
    const Lanes n = _mm512_maskz_loadu_epi64(valid, numbers + i);
    const Lanes places = _mm512_add_epi64(all(first + i), steps);
    const LaneMask large = _mm512_cmpge_epu64_mask(n, all(table_end));
    const LaneMask small = _mm512_mask_cmpgt_epu64_mask(static_cast<LaneMask>(~large), n, all(1));
    const LaneMask odd = _mm512_mask_test_epi64_mask(large, n, all(1));
    append(left, undivided<0, first_divisors>(odd, n), n, places);
    Lanes method = all(static_cast<std::uint64_t>(Method::definition));
    method = _mm512_mask_mov_epi64(method, large,
                                   all(static_cast<std::uint64_t>(Method::trial_division)));
    if (small != 0) {
      append(divided.small, small, n, places);
      method = _mm512_mask_mov_epi64(method, small, all(static_cast<std::uint64_t>(Method::table)));
    }
    static_assert(sizeof(Method) == 1, "eight methods are stored as eight bytes");
    _mm_storel_epi64(reinterpret_cast<__m128i*>(divided.methods.data() + i),
                     _mm512_cvtepi64_epi8(method));
  }
}

[[PRIMES_LANES_TARGET]] void divide(const std::uint64_t* numbers, std::size_t count,
                                    std::uint64_t first, Divided& divided) noexcept {
  Pending left;
  divide_first(numbers, count, first, divided, left);
  Pending& narrow_left = divided.left[narrow];
  Pending& wide_left = divided.left[wide];
  for (std::size_t i = 0; i < left.count; i += 8) {
    const std::size_t rest = left.count - i;
    const auto valid = static_cast<LaneMask>(rest < 8 ? (1U << rest) - 1 : 255);
    const Lanes n = load(left.numbers.data() + i);
    const Lanes places = load(left.places.data() + i);
    const LaneMask open = undivided<first_divisors, small_divisors.size()>(valid, n);
    const LaneMask wide_here = _mm512_mask_cmpge_epu64_mask(open, n, all(narrow_end));
    const auto narrow_here = static_cast<LaneMask>(open ^ wide_here);
    if (wide_here != 0) append(wide_left, wide_here, n, places);
    if (narrow_here != 0) append(narrow_left, narrow_here, n, places);
  }
}

template <class Modulus>
struct StrongBase2 {
  static bool passes(std::uint64_t n) noexcept { return passes_strong_base_2(WordModulus(n)); }

  template <std::size_t vectors>
  static std::uint64_t run(const std::uint64_t* numbers) noexcept {
    return lanes_pass_strong_base_2<Modulus, vectors>(numbers);
  }
};

template <class Modulus>
struct ExtraStrongLucas {
  static bool passes(std::uint64_t n) noexcept { return passes_extra_strong_lucas(WordModulus(n)); }

  template <std::size_t vectors>
  static std::uint64_t run(const std::uint64_t* numbers) noexcept {
    return lanes_pass_extra_strong_lucas<Modulus, vectors>(numbers);
  }
};

template <class Test, std::size_t vectors>
std::uint64_t run_vectors(const std::uint64_t* numbers, std::size_t needed) noexcept {
  if constexpr (vectors > 1) {
    if (needed < vectors) return run_vectors<Test, vectors - 1>(numbers, needed);
  }
  return Test::template run<vectors>(numbers);
}

// A group that ends in the middle of a vector is filled up with its first number. One number alone
// is faster without vectors.
template <class Test, std::size_t vectors>
std::uint64_t run_group(const std::uint64_t* numbers, std::size_t count) noexcept {
  if (count == 1) return Test::passes(numbers[0]) ? 1 : 0;
  std::array<std::uint64_t, 8 * vectors> filled;
  if (count % 8 != 0) {
    std::fill(std::copy_n(numbers, count, filled.begin()), filled.end(), numbers[0]);
    numbers = filled.data();
  }
  return run_vectors<Test, vectors>(numbers, (count + 7) / 8) & ~std::uint64_t{0} >> (64 - count);
}

template <class Test, std::size_t vectors>
constexpr GroupTest in_groups_of{run_group<Test, vectors>, 8 * vectors};

}  // namespace

// How many vectors are best was measured on Zen 5: with fewer the processor waits, with more their
// values do not stay in registers.
const BatchPath ifma_path{
    "ifma",
    lanes_available,
    divide,
    {in_groups_of<StrongBase2<NarrowLanes>, 6>, in_groups_of<StrongBase2<WideLanes>, 4>},
    {in_groups_of<ExtraStrongLucas<NarrowLanes>, 4>, in_groups_of<ExtraStrongLucas<WideLanes>, 2>}};

}  // namespace primes::detail

#else

namespace primes::detail {

const BatchPath ifma_path{"ifma", lanes_available, nullptr, {}, {}};

}  // namespace primes::detail

#endif
