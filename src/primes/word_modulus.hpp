#pragma once

#include <cstdint>

namespace primes::detail {

__extension__ using Word2 = unsigned __int128;

/// The inverse of an odd n modulo 2^64. Five bits come from (3n)^2, each line doubles them
/// (Hurchalla, "An Improved Integer Multiplicative Inverse (modulo 2^w)", arXiv 2204.04342).
constexpr std::uint64_t inverse_mod_2_64(std::uint64_t n) {
  std::uint64_t x = (3 * n) ^ 2;
  std::uint64_t y = 1 - n * x;
  x *= 1 + y;
  y *= y;
  x *= 1 + y;
  y *= y;
  x *= 1 + y;
  y *= y;
  return x * (1 + y);
}

/// Arithmetic modulo an odd n < 2^64. A residue x is held in Montgomery form, as x · 2^64 mod n, so
/// that a product needs three multiplications and no division (Montgomery, "Modular multiplication
/// without trial division", 1985). Nothing here branches on the numbers: a mispredicted branch
/// costs more than the product.
class WordModulus {
 public:
  explicit WordModulus(std::uint64_t n) : n_(n), inverse_(inverse_mod_2_64(n)), one_((0 - n) % n) {}

  std::uint64_t n() const { return n_; }
  std::uint64_t one() const { return one_; }
  std::uint64_t minus_one() const { return n_ - one_; }

  /// The form of `value`, which may exceed n.
  std::uint64_t form(std::uint64_t value) const {
    return static_cast<std::uint64_t>(static_cast<Word2>(one_) * value % n_);
  }

  std::uint64_t add(std::uint64_t a, std::uint64_t b) const { return subtract(a, n_ - b); }

  /// a − b, for b of up to n.
  std::uint64_t subtract(std::uint64_t a, std::uint64_t b) const {
    return a - b + (a < b ? n_ : 0);
  }

  std::uint64_t multiply(std::uint64_t a, std::uint64_t b) const {
    const Word2 product = static_cast<Word2>(a) * b;
    const std::uint64_t quotient = static_cast<std::uint64_t>(product) * inverse_;
    // product and quotient · n agree in the low half: the difference of the high halves is exact.
    return subtract(static_cast<std::uint64_t>(product >> 64),
                    static_cast<std::uint64_t>(static_cast<Word2>(quotient) * n_ >> 64));
  }

  std::uint64_t square(std::uint64_t a) const { return multiply(a, a); }

 private:
  std::uint64_t n_;
  std::uint64_t inverse_;
  std::uint64_t one_;
};

}  // namespace primes::detail
