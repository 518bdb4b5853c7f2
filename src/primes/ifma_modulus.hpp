#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "primes/gmp.hpp"

namespace primes::detail {

/// Products modulo an odd n of up to 51 995 bits where the processor multiplies eight limbs of 52
/// bits at once (lanes_available()): up to five times as fast as GMP. Of longer ones GMP makes
/// products in less than N² time, and sums of so many halves would no longer fit a word.
///
/// A residue x is held as x · R mod n, in L limbs of 52 bits, a word each, and words of zero up to
/// a whole number of vectors; R = 2^(52 L) > 32 n. It is below 4n: a product is below (4n)² / R + n
/// < 2n, and may be doubled, or have something below n added, and is a factor again.
class IfmaModulus {
 public:
  static constexpr std::size_t limb_bits = 52;
  static constexpr std::size_t most_vectors = 125;  // of eight limbs
  static constexpr std::size_t spare_bits = 5;      // R > 32 n
  static constexpr std::size_t most_bits = most_vectors * 8 * limb_bits - spare_bits;

  explicit IfmaModulus(std::span<const Limb> n);

  /// Estimated time of one product modulo an n of so many bits.
  static double product_ns(std::size_t bits);

  /// The form of `value`, below n.
  std::vector<Limb> form(Limb value) const;

  /// The number below n that x stands for, in 64-bit limbs.
  std::vector<Limb> plain(const std::vector<Limb>& x) const;

  /// Whether x and y stand for the same number. It takes no product, and ends at the first limb
  /// that tells.
  bool equal(const std::vector<Limb>& x, const std::vector<Limb>& y) const;

  /// x = n − x, for an x below n that is not zero.
  void negate(std::vector<Limb>& x) const;

  /// What becomes of a product: a · b + addend, which is below n, or 2 · a · b. The result may be
  /// one of the factors.
  struct Product {
    Limb* result;
    const Limb* a;
    const Limb* b;
    const Limb* addend;  // null: none
    bool twice;
  };

  void multiply(const Product& product) const;

  /// Two products, which do not wait for each other. A result may be a factor of either.
  void multiply(const Product& first, const Product& second) const;

 private:
  std::vector<Limb> split(std::span<const Limb> limbs) const;
  std::vector<Limb> join(std::span<const Limb> limbs) const;
  bool differ_by(int multiple, const std::vector<Limb>& x, const std::vector<Limb>& y) const;
  std::size_t vectors() const { return limbs_.size() / 8; }

  std::vector<Limb> n_;  // in 64-bit limbs
  std::size_t length_;   // L
  std::vector<Limb> limbs_;
  Limb inverse_;  // −1/n
};

}  // namespace primes::detail
