#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "primes/gmp.hpp"

namespace primes::detail {

/// Estimated time of one product modulo an n of so many limbs. Only its rough size matters: it says
/// how many products go into a step.
double product_ns(std::size_t limbs);

/// The length of n, whose top limb is not zero, in bits.
std::size_t bit_length(std::span<const Limb> n);

/// Arithmetic modulo an odd n of two limbs or more. With N limbs and B = 2^64, a residue x is held
/// in Montgomery form, as x · B^N mod n, in N limbs. GMP only lends its public mpn functions: none
/// of its own tests for primes, nor its powm, can be left midway.
///
/// Not to be used by two threads at once, not even for reading: it keeps scratch space.
class Modulus {
 public:
  using Residue = std::vector<Limb>;

  explicit Modulus(std::span<const Limb> n);
  Modulus(const Modulus&) = delete;
  Modulus& operator=(const Modulus&) = delete;

  std::span<const Limb> n() const { return n_; }

  /// The length of n in bits.
  std::size_t bits() const { return bits_; }

  /// Bit i of n.
  bool bit(std::size_t i) const { return (n_[i / 64] >> (i % 64) & 1) != 0; }

  /// Estimated time of one product.
  double product_ns() const { return detail::product_ns(n_.size()); }

  /// The form of `value`.
  Residue form(Limb value) const;

  /// x = n − x, for an x that is not zero.
  void negate(Residue& x) const;

  /// x = 2x.
  void twice(Residue& x) const;

  /// x = x − y.
  void subtract(Residue& x, const Residue& y) const;

  /// x = x · y.
  void multiply(Residue& x, const Residue& y);

  /// x = x².
  void square(Residue& x);

 private:
  mp_size_t size() const { return static_cast<mp_size_t>(n_.size()); }
  void invert();
  void reduce(Residue& result);
  void reduce_by_rows(Residue& result);
  void reduce_by_products(Residue& result);

  std::vector<Limb> n_;
  std::size_t bits_;
  bool by_products_;
  std::vector<Limb> inverse_;  // by rows: −1/n mod B, one limb. By products: 1/n mod B^N
  std::vector<Limb> product_;  // 2N limbs, what reduce() takes
  std::vector<Limb> scratch_;  // 4N limbs when by products, else empty
};

}  // namespace primes::detail
