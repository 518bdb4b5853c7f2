#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "primes/gmp.hpp"
#include "primes/ifma_modulus.hpp"

namespace primes::detail {

/// The length of n, whose top limb is not zero, in bits.
std::size_t bit_length(std::span<const Limb> n);

/// How products are made. They differ in speed only.
enum class Arithmetic {
  rows,      ///< GMP's product, reduced a limb at a time: for short numbers
  products,  ///< GMP's product, reduced by two more of them: for long ones
  ifma,      ///< eight limbs at once; see ifma_modulus.hpp for where it can be had
};

/// The fastest that this processor has for n.
Arithmetic best_arithmetic(std::span<const Limb> n);

/// Estimated time of one product modulo n. Only its rough size matters: it says how many products
/// go into a step.
double product_ns(std::span<const Limb> n, Arithmetic arithmetic);

/// Arithmetic modulo an odd n of two limbs or more. With N limbs and B = 2^64, a residue x is held
/// in Montgomery form, as x · B^N mod n, in N limbs; or as a IfmaModulus holds it. GMP only lends
/// its public mpn functions: none of its own tests for primes, nor its powm, can be left midway.
///
/// Not to be used by two threads at once, not even for reading: it keeps scratch space.
class Modulus {
 public:
  using Residue = std::vector<Limb>;

  explicit Modulus(std::span<const Limb> n) : Modulus(n, best_arithmetic(n)) {}
  Modulus(std::span<const Limb> n, Arithmetic arithmetic);
  Modulus(const Modulus&) = delete;
  Modulus& operator=(const Modulus&) = delete;

  std::span<const Limb> n() const { return n_; }

  /// The length of n in bits.
  std::size_t bits() const { return bits_; }

  /// Bit i of n.
  bool bit(std::size_t i) const { return (n_[i / 64] >> (i % 64) & 1) != 0; }

  /// Estimated time of one product.
  double product_ns() const { return product_ns_; }

  /// The form of `value`.
  Residue form(Limb value) const;

  /// The number below n that x stands for. It takes a product and some more.
  std::vector<Limb> plain(const Residue& x);

  /// Whether x and y stand for the same number. It takes a small part of a product's time, since a
  /// test may ask after each one.
  bool equal(const Residue& x, const Residue& y) const;

  /// x = n − x, for an x from form() that is not zero.
  void negate(Residue& x) const;

  /// x = x · y.
  void multiply(Residue& x, const Residue& y);

  /// x = x², or 2x².
  void square(Residue& x, bool twice = false);

  /// x = x² + addend. An addend comes from form() or negate().
  void square_add(Residue& x, const Residue& addend);

  /// Two products at once, a rung of the Lucas ladder: x = x · y + x_addend, and y = y² + y_addend.
  void climb(Residue& x, Residue& y, const Residue& x_addend, const Residue& y_addend);

 private:
  mp_size_t size() const { return static_cast<mp_size_t>(n_.size()); }
  void invert();
  void add(Residue& x, const Residue& y) const;
  void twice(Residue& x) const;
  void reduce(Residue& result);
  void reduce_by_products(Residue& result);
  void reduce_by_rows(Residue& result);

  std::vector<Limb> n_;
  std::size_t bits_;
  double product_ns_;
  std::optional<IfmaModulus> ifma_;
  bool by_products_;
  std::vector<Limb> inverse_;  // by rows: −1/n mod B, one limb. By products: 1/n mod B^N
  std::vector<Limb> product_;  // 2N limbs, what reduce() takes
  std::vector<Limb> scratch_;  // 4N limbs when by products, else empty
};

}  // namespace primes::detail
