#include "primes/ifma_modulus.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "primes/lanes.hpp"
#include "primes/word_modulus.hpp"

namespace primes::detail {
namespace {

constexpr std::size_t limb_bits = IfmaModulus::limb_bits;
constexpr Limb limb_mask = (Limb{1} << limb_bits) - 1;
constexpr std::size_t most_vectors = IfmaModulus::most_vectors;
// As many as gain by the sum not being in memory: measured, all that carry() can take.
constexpr std::size_t short_vectors = 16;

constexpr std::size_t length_for(std::size_t bits) {
  return (bits + IfmaModulus::spare_bits + limb_bits - 1) / limb_bits;
}

// A product modulo n is Montgomery's, a limb of b at a time (Gueron and Krasnov, "Software
// implementation of modular exponentiation, using advanced vector instructions architectures",
// 2012, and what has been made of it for these instructions since).
struct Modulo {
  const Limb* n;
  Limb inverse;
  std::size_t length;
};

using Multiply = void (*)(const IfmaModulus::Product* products, const Modulo& modulo);

#if defined(__x86_64__)

template <std::size_t vectors>
struct Sum {
  Lanes limbs[vectors];

  // (sum + a · b + quotient · n) / 2^52, the quotient being such that the lowest limb vanishes.
  // What the next quotient waits for is kept short: the products with a, and the high halves, are
  // added from the side.
  PRIMES_LANES void add(const Limb* a, Limb b, const Modulo& modulo) {
    const Lanes zero = _mm512_setzero_si512();
    const Lanes factor = all(b);
    limbs[0] = _mm512_add_epi64(limbs[0], add_low(zero, load(a), factor));
    const Lanes lowest = add_low(zero, limbs[0], all(modulo.inverse));
    const Lanes quotient = _mm512_broadcastq_epi64(_mm512_castsi512_si128(lowest));
    Lanes high[vectors];
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      if (v > 0) limbs[v] = add_low(limbs[v], load(a + 8 * v), factor);
      high[v] = add_high(zero, load(a + 8 * v), factor);
      high[v] = add_high(high[v], load(modulo.n + 8 * v), quotient);
      limbs[v] = add_low(limbs[v], load(modulo.n + 8 * v), quotient);
    }
    high[0] = _mm512_add_epi64(high[0], _mm512_maskz_srli_epi64(1, limbs[0], limb_bits));
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      const Lanes next = v + 1 < vectors ? limbs[v + 1 < vectors ? v + 1 : v] : zero;
      limbs[v] = _mm512_add_epi64(_mm512_alignr_epi64(next, limbs[v], 1), high[v]);
    }
  }

  // Brings all limbs below 2^52. After one round a limb is 2^52 at most by a little, and hands on
  // one at most; it does if it is greater than 2^52 − 1, or if it is that and is handed one. All of
  // this is one addition, of a bit for each limb.
  PRIMES_LANES void carry() {
    const Lanes mask = all(limb_mask);
    Lanes below = _mm512_setzero_si512();
    __extension__ using Bits = unsigned __int128;
    static_assert(8 * vectors <= 8 * sizeof(Bits));
    Bits over = 0;
    Bits full = 0;
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      const Lanes carries = _mm512_srli_epi64(limbs[v], limb_bits);
      limbs[v] = _mm512_add_epi64(_mm512_and_si512(limbs[v], mask),
                                  _mm512_alignr_epi64(carries, below, 7));
      below = carries;
      over |= static_cast<Bits>(_mm512_cmpgt_epu64_mask(limbs[v], mask)) << (8 * v);
      full |= static_cast<Bits>(_mm512_cmpeq_epi64_mask(limbs[v], mask)) << (8 * v);
    }
    const Bits handed = (full + 2 * over) ^ full;
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      const auto here = static_cast<LaneMask>(handed >> (8 * v));
      limbs[v] = _mm512_and_si512(_mm512_mask_add_epi64(limbs[v], here, limbs[v], all(1)), mask);
    }
  }
};

template <std::size_t vectors, std::size_t count>
[[PRIMES_LANES_TARGET]] void multiply_vectors(const IfmaModulus::Product* products,
                                              const Modulo& modulo) {
  Sum<vectors> sums[count];
  PRIMES_UNROLL for (std::size_t i = 0; i < count; ++i) {
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      sums[i].limbs[v] = _mm512_setzero_si512();
    }
  }
  for (std::size_t limb = 0; limb < modulo.length; ++limb) {
    PRIMES_UNROLL for (std::size_t i = 0; i < count; ++i) {
      sums[i].add(products[i].a, products[i].b[limb], modulo);
    }
  }
  PRIMES_UNROLL for (std::size_t i = 0; i < count; ++i) {
    const IfmaModulus::Product& product = products[i];
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      Lanes& limbs = sums[i].limbs[v];
      if (product.twice) limbs = _mm512_add_epi64(limbs, limbs);
      if (product.addend != nullptr) limbs = _mm512_add_epi64(limbs, load(product.addend + 8 * v));
    }
    sums[i].carry();
  }
  PRIMES_UNROLL for (std::size_t i = 0; i < count; ++i) {
    PRIMES_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      _mm512_storeu_si512(products[i].result + 8 * v, sums[i].limbs[v]);
    }
  }
}

// The same for any length, with the sum in memory.
[[PRIMES_LANES_TARGET]] void multiply_long(const IfmaModulus::Product& product,
                                           const Modulo& modulo) {
  const std::size_t size = (modulo.length + 7) / 8 * 8;
  alignas(64) std::array<Limb, 8 * most_vectors> sum;
  std::fill_n(sum.begin(), size, 0);
  const Lanes zero = _mm512_setzero_si512();
  for (std::size_t limb = 0; limb < modulo.length; ++limb) {
    const Lanes factor = all(product.b[limb]);
    Lanes here = add_low(load(sum.data()), load(product.a), factor);
    const Lanes lowest = add_low(zero, here, all(modulo.inverse));
    const Lanes quotient = _mm512_broadcastq_epi64(_mm512_castsi512_si128(lowest));
    here = add_low(here, load(modulo.n), quotient);
    Lanes high = _mm512_maskz_srli_epi64(1, here, limb_bits);
    for (std::size_t i = 0; i < size; i += 8) {
      high = add_high(high, load(product.a + i), factor);
      high = add_high(high, load(modulo.n + i), quotient);
      Lanes next = zero;
      if (i + 8 < size) {
        next = add_low(load(sum.data() + i + 8), load(product.a + i + 8), factor);
        next = add_low(next, load(modulo.n + i + 8), quotient);
      }
      const Lanes moved = _mm512_add_epi64(_mm512_alignr_epi64(next, here, 1), high);
      _mm512_store_si512(sum.data() + i, moved);
      here = next;
      high = zero;
    }
  }
  // What is doubled is below 2^52 by then: a sum may fill its word.
  Limb carry = 0;
  Limb carry_of_result = 0;
  for (std::size_t i = 0; i < size; ++i) {
    carry += sum[i];
    const Limb limb = carry & limb_mask;
    carry >>= limb_bits;
    carry_of_result += product.twice ? 2 * limb : limb;
    if (product.addend != nullptr) carry_of_result += product.addend[i];
    product.result[i] = carry_of_result & limb_mask;
    carry_of_result >>= limb_bits;
  }
}

// One for each number of vectors, from 1 on.
template <std::size_t count, std::size_t... i>
constexpr auto multiplies(std::index_sequence<i...>) {
  return std::array<Multiply, sizeof...(i)>{multiply_vectors<i + 1, count>...};
}
constexpr auto multiply_one = multiplies<1>(std::make_index_sequence<short_vectors>());
// From five vectors on one product keeps the processor busy.
constexpr auto multiply_two = multiplies<2>(std::make_index_sequence<4>());

#else

constexpr std::array<Multiply, short_vectors> multiply_one{};
constexpr std::array<Multiply, 0> multiply_two{};
void multiply_long(const IfmaModulus::Product&, const Modulo&) {}

#endif

}  // namespace

// Measured on Zen 5. Short numbers wait for one quotient after the other, long ones for the memory.
double IfmaModulus::product_ns(std::size_t bits) {
  const std::size_t length = length_for(bits);
  const std::size_t vectors = (length + 7) / 8;
  const auto count = static_cast<double>(vectors);
  const double limb_ns = vectors > short_vectors ? 1.2 * count : 4 + 0.3 * count;
  return 16 + static_cast<double>(length) * limb_ns;
}

IfmaModulus::IfmaModulus(std::span<const Limb> n)
    : n_(n.begin(), n.end()), inverse_(0 - inverse_mod_2_64(n[0])) {
  length_ = length_for(64 * n.size() - static_cast<std::size_t>(std::countl_zero(n.back())));
  limbs_ = split(n_);
}

// Room for whole vectors.
std::vector<Limb> IfmaModulus::split(std::span<const Limb> limbs) const {
  std::vector<Limb> result((length_ + 7) / 8 * 8);
  for (std::size_t i = 0; i < length_; ++i) {
    const std::size_t word = i * limb_bits / 64;
    const std::size_t shift = i * limb_bits % 64;
    if (word >= limbs.size()) break;
    Limb value = limbs[word] >> shift;
    if (shift > 64 - limb_bits && word + 1 < limbs.size()) value |= limbs[word + 1] << (64 - shift);
    result[i] = value & limb_mask;
  }
  return result;
}

// The other way, into as many limbs as n has, and one more: the last limb of 52 bits starts at most
// four bits above n.
std::vector<Limb> IfmaModulus::join(std::span<const Limb> limbs) const {
  std::vector<Limb> result(n_.size() + 1);
  for (std::size_t i = 0; i < length_; ++i) {
    const std::size_t word = i * limb_bits / 64;
    const std::size_t shift = i * limb_bits % 64;
    result[word] |= limbs[i] << shift;
    if (shift > 64 - limb_bits) result[word + 1] |= limbs[i] >> (64 - shift);
  }
  return result;
}

std::vector<Limb> IfmaModulus::form(Limb value) const {
  const std::size_t shift = length_ * limb_bits;
  std::vector<Limb> shifted(shift / 64 + 2);
  shifted[shift / 64] = value << shift % 64;
  if (shift % 64 != 0) shifted[shift / 64 + 1] = value >> (64 - shift % 64);
  std::vector<Limb> quotient(shifted.size() - n_.size() + 1);
  std::vector<Limb> rest(n_.size());
  mpn_tdiv_qr(quotient.data(), rest.data(), 0, shifted.data(),
              static_cast<mp_size_t>(shifted.size()), n_.data(), static_cast<mp_size_t>(n_.size()));
  return split(rest);
}

std::vector<Limb> IfmaModulus::plain(const std::vector<Limb>& x) const {
  std::vector<Limb> one(limbs_.size());
  one[0] = 1;
  std::vector<Limb> reduced(limbs_.size());
  multiply({reduced.data(), x.data(), one.data(), nullptr, false});
  // x / R + n at most, so n at most.
  std::vector<Limb> result = join(reduced);
  result.pop_back();
  const auto size = static_cast<mp_size_t>(n_.size());
  if (mpn_cmp(result.data(), n_.data(), size) >= 0) {
    mpn_sub_n(result.data(), result.data(), n_.data(), size);
  }
  return result;
}

bool IfmaModulus::equal(const std::vector<Limb>& x, const std::vector<Limb>& y) const {
  // Both are below 4n.
  for (int multiple = -3; multiple <= 3; ++multiple) {
    if (differ_by(multiple, x, y)) return true;
  }
  return false;
}

// Whether x − y = multiple · n.
bool IfmaModulus::differ_by(int multiple, const std::vector<Limb>& x,
                            const std::vector<Limb>& y) const {
  std::int64_t rest = 0;
  for (std::size_t i = 0; i < length_; ++i) {
    rest += static_cast<std::int64_t>(x[i]) - static_cast<std::int64_t>(y[i]);
    rest -= multiple * static_cast<std::int64_t>(limbs_[i]);
    if ((static_cast<Limb>(rest) & limb_mask) != 0) return false;
    rest >>= limb_bits;
  }
  return rest == 0;
}

void IfmaModulus::negate(std::vector<Limb>& x) const {
  std::vector<Limb> value = join(x);
  value.pop_back();
  mpn_sub_n(value.data(), n_.data(), value.data(), static_cast<mp_size_t>(n_.size()));
  x = split(value);
}

void IfmaModulus::multiply(const Product& product) const {
  const Modulo modulo{limbs_.data(), inverse_, length_};
  if (vectors() > short_vectors) return multiply_long(product, modulo);
  multiply_one[vectors() - 1](&product, modulo);
}

void IfmaModulus::multiply(const Product& first, const Product& second) const {
  if (vectors() <= multiply_two.size()) {
    const Product both[] = {first, second};
    multiply_two[vectors() - 1](both, {limbs_.data(), inverse_, length_});
    return;
  }
  // The first result may be a factor of the second.
  std::array<Limb, 8 * most_vectors> kept;
  multiply({kept.data(), first.a, first.b, first.addend, first.twice});
  multiply(second);
  std::copy_n(kept.begin(), limbs_.size(), first.result);
}

}  // namespace primes::detail
