#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace primes {

/// A whole number of any size, held exactly: a sign and 64-bit limbs, the least significant first.
///
/// A plain value: copying copies the limbs, and any thread may use its own copy.
class Integer {
 public:
  /// Zero.
  Integer() = default;

  /// The number `value`.
  explicit Integer(std::uint64_t value);

  /// Reads `-?(0|[1-9][0-9]*)` in base ten or `-?0[xX][0-9a-fA-F]+` in base sixteen, the whole of
  /// `text`. Nothing else is accepted: no space, no plus sign, no leading zero in base ten; then
  /// the answer is empty. Minus zero is zero.
  static std::optional<Integer> parse(std::string_view text);

  /// Base ten, without leading zeros.
  std::string to_string() const;

  bool is_negative() const { return negative_; }

  /// The number of bits of the magnitude; 0 for zero.
  std::size_t bit_length() const;

  /// The value, if it lies in 0 … 2^64 − 1.
  std::optional<std::uint64_t> to_uint64() const;

  /// The magnitude, least significant limb first, without leading zero limbs; empty for zero.
  std::span<const std::uint64_t> limbs() const { return limbs_; }

  friend bool operator==(const Integer&, const Integer&) = default;

 private:
  std::vector<std::uint64_t> limbs_;
  bool negative_ = false;
};

}  // namespace primes
