#include "primes/modulus.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "primes/lanes.hpp"
#include "primes/word_modulus.hpp"

namespace primes::detail {
namespace {

// From here on two products of N limbs, which GMP does below N² time, beat N rows. Measured on
// Zen 4 with GMP 6.2.1.
constexpr std::size_t by_products_from = 70;

// Two limbs of 64 bits are too few for the other arithmetic to pay.
constexpr std::size_t ifma_from_bits = 90;

}  // namespace

std::size_t bit_length(std::span<const Limb> n) {
  return 64 * n.size() - static_cast<std::size_t>(std::countl_zero(n.back()));
}

Arithmetic best_arithmetic(std::span<const Limb> n) {
  const std::size_t bits = bit_length(n);
  if (bits >= ifma_from_bits && bits <= IfmaModulus::most_bits && lanes_available()) {
    return Arithmetic::ifma;
  }
  return n.size() < by_products_from ? Arithmetic::rows : Arithmetic::products;
}

// For GMP measured on Zen 4 with version 6.2.1, up to 1039 limbs: within a fifth of the truth.
double product_ns(std::span<const Limb> n, Arithmetic arithmetic) {
  if (arithmetic == Arithmetic::ifma) return IfmaModulus::product_ns(bit_length(n));
  const auto count = static_cast<double>(n.size());
  if (arithmetic == Arithmetic::rows) return 10 + 0.8 * count * count;
  return 6.5 * count * std::sqrt(count);
}

Modulus::Modulus(std::span<const Limb> n, Arithmetic arithmetic)
    : n_(n.begin(), n.end()),
      bits_(bit_length(n)),
      product_ns_(detail::product_ns(n, arithmetic)),
      by_products_(arithmetic == Arithmetic::products) {
  if (arithmetic == Arithmetic::ifma) {
    ifma_.emplace(n);
    return;
  }
  product_.resize(2 * n.size());
  if (by_products_) {
    scratch_.resize(4 * n.size());
    invert();
  } else {
    inverse_ = {0 - inverse_mod_2_64(n_[0])};
  }
}

// Newton's iteration: an inverse x modulo B^k with n · x = 1 + e · B^k gives the one modulo B^(2k)
// as x − x · e · B^k. The precisions run up to N as its halves, rounded up, say.
void Modulus::invert() {
  inverse_.resize(n_.size());
  inverse_[0] = inverse_mod_2_64(n_[0]);
  std::vector<mp_size_t> precisions;
  for (mp_size_t k = size(); k > 1; k = (k + 1) / 2) precisions.push_back(k);
  mp_size_t known = 1;
  for (auto next = precisions.rbegin(); next != precisions.rend(); ++next) {
    const mp_size_t added = *next - known;  // never more than `known`
    Limb* error = scratch_.data();
    mpn_mul(error, n_.data(), *next, inverse_.data(), known);
    Limb* correction = scratch_.data() + 2 * size();
    mpn_mul(correction, inverse_.data(), known, error + known, added);
    mpn_neg(inverse_.data() + known, correction, added);
    known = *next;
  }
}

Modulus::Residue Modulus::form(Limb value) const {
  if (ifma_) return ifma_->form(value);
  std::vector<Limb> shifted(n_.size() + 1);
  shifted.back() = value;
  Limb quotient[2];
  Residue result(n_.size());
  mpn_tdiv_qr(quotient, result.data(), 0, shifted.data(), size() + 1, n_.data(), size());
  return result;
}

std::vector<Limb> Modulus::plain(const Residue& x) {
  if (ifma_) return ifma_->plain(x);
  std::copy(x.begin(), x.end(), product_.begin());
  std::fill(product_.begin() + size(), product_.end(), 0);
  Residue result(n_.size());
  reduce(result);
  return result;
}

bool Modulus::equal(const Residue& x, const Residue& y) const {
  return ifma_ ? ifma_->equal(x, y) : x == y;
}

void Modulus::negate(Residue& x) const {
  if (ifma_) return ifma_->negate(x);
  mpn_sub_n(x.data(), n_.data(), x.data(), size());
}

void Modulus::twice(Residue& x) const {
  const Limb carry = mpn_lshift(x.data(), x.data(), size(), 1);
  if (carry != 0 || mpn_cmp(x.data(), n_.data(), size()) >= 0) {
    mpn_sub_n(x.data(), x.data(), n_.data(), size());
  }
}

void Modulus::add(Residue& x, const Residue& y) const {
  const Limb carry = mpn_add_n(x.data(), x.data(), y.data(), size());
  if (carry != 0 || mpn_cmp(x.data(), n_.data(), size()) >= 0) {
    mpn_sub_n(x.data(), x.data(), n_.data(), size());
  }
}

void Modulus::multiply(Residue& x, const Residue& y) {
  if (ifma_) return ifma_->multiply({x.data(), x.data(), y.data(), nullptr, false});
  mpn_mul_n(product_.data(), x.data(), y.data(), size());
  reduce(x);
}

void Modulus::square(Residue& x, bool doubled) {
  if (ifma_) return ifma_->multiply({x.data(), x.data(), x.data(), nullptr, doubled});
  mpn_sqr(product_.data(), x.data(), size());
  reduce(x);
  if (doubled) twice(x);
}

void Modulus::square_add(Residue& x, const Residue& addend) {
  if (ifma_) return ifma_->multiply({x.data(), x.data(), x.data(), addend.data(), false});
  square(x);
  add(x, addend);
}

void Modulus::climb(Residue& x, Residue& y, const Residue& x_addend, const Residue& y_addend) {
  if (ifma_) {
    ifma_->multiply({x.data(), x.data(), y.data(), x_addend.data(), false},
                    {y.data(), y.data(), y.data(), y_addend.data(), false});
    return;
  }
  multiply(x, y);
  add(x, x_addend);
  square_add(y, y_addend);
}

// result = product / B^N mod n. The product is below n², so that one correction by n is enough.
void Modulus::reduce(Residue& result) {
  if (by_products_) {
    reduce_by_products(result);
  } else {
    reduce_by_rows(result);
  }
}

// Each row adds the multiple of n that clears the lowest limb left; the limb it clears keeps the
// row's carry, which belongs N limbs further up.
void Modulus::reduce_by_rows(Residue& result) {
  Limb* row = product_.data();
  const Limb* const end = row + n_.size();
  for (; row != end; ++row) *row = mpn_addmul_1(row, n_.data(), size(), *row * inverse_[0]);
  const Limb carry = mpn_add_n(result.data(), product_.data(), end, size());
  if (carry != 0 || mpn_cmp(result.data(), n_.data(), size()) >= 0) {
    mpn_sub_n(result.data(), result.data(), n_.data(), size());
  }
}

// With q = product / n mod B^N, product and q · n agree in their low halves, so that their
// difference divided by B^N is the difference of the high halves.
void Modulus::reduce_by_products(Residue& result) {
  Limb* quotient = scratch_.data();
  Limb* multiple = scratch_.data() + 2 * size();
  mpn_mul_n(quotient, product_.data(), inverse_.data(), size());
  mpn_mul_n(multiple, quotient, n_.data(), size());
  const Limb borrow = mpn_sub_n(result.data(), product_.data() + size(), multiple + size(), size());
  if (borrow != 0) mpn_add_n(result.data(), result.data(), n_.data(), size());
}

}  // namespace primes::detail
