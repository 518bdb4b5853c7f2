#include "primes/integer.hpp"

#include <algorithm>
#include <bit>

#include "primes/gmp.hpp"

namespace primes {
namespace {

// What a digit is worth, or 16 and more for anything else.
unsigned char digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned char>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned char>(c - 'A' + 10);
  return 255;
}

// Reads digits that fit a word for sure; empty if one of them is no digit.
std::optional<std::uint64_t> parse_word(std::string_view digits, unsigned base) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    const unsigned digit = digit_value(c);
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

std::vector<std::uint64_t> parse_limbs(std::string_view digits, unsigned base) {
  std::vector<unsigned char> values(digits.size());
  std::transform(digits.begin(), digits.end(), values.begin(), digit_value);
  const bool valid = std::all_of(values.begin(), values.end(), [base](auto v) { return v < base; });
  if (!valid) return {};
  // A digit is 4 bits at most; mpn_set_str asks for room to spare beyond the exact size.
  std::vector<std::uint64_t> limbs(values.size() / 16 + 2);
  const mp_size_t used =
      mpn_set_str(limbs.data(), values.data(), values.size(), static_cast<int>(base));
  limbs.resize(static_cast<std::size_t>(used));
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  limbs.shrink_to_fit();
  return limbs;
}

}  // namespace

Integer::Integer(std::uint64_t value) {
  if (value != 0) limbs_.push_back(value);
}

std::optional<Integer> Integer::parse(std::string_view text) {
  Integer result;
  const bool minus = text.starts_with('-');
  std::string_view digits = text.substr(minus ? 1 : 0);
  const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (hex) digits.remove_prefix(2);
  if (digits.empty()) return std::nullopt;
  if (hex) {
    // All zeros but the last may go; what is left starts with a digit that counts.
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  } else if (digits.size() > 1 && digits.front() == '0') {
    return std::nullopt;
  }

  const unsigned base = hex ? 16 : 10;
  if (digits.size() <= (hex ? 16U : 19U)) {
    const std::optional<std::uint64_t> word = parse_word(digits, base);
    if (!word) return std::nullopt;
    if (*word != 0) result.limbs_.push_back(*word);
  } else {
    result.limbs_ = parse_limbs(digits, base);
    if (result.limbs_.empty()) return std::nullopt;
  }
  result.negative_ = minus && !result.limbs_.empty();
  return result;
}

std::string Integer::to_string() const {
  std::string text = negative_ ? "-" : "";
  if (limbs_.size() <= 1) return text + std::to_string(limbs_.empty() ? 0 : limbs_.front());
  // mpn_get_str overwrites its input, and writes digits as numbers: 20 a limb, and one to spare.
  std::vector<std::uint64_t> limbs = limbs_;
  std::vector<unsigned char> values(limbs.size() * 20 + 1);
  const std::size_t count =
      mpn_get_str(values.data(), 10, limbs.data(), static_cast<mp_size_t>(limbs.size()));
  std::size_t first = 0;
  while (first + 1 < count && values[first] == 0) ++first;
  text.reserve(text.size() + count - first);
  for (std::size_t i = first; i < count; ++i) text.push_back(static_cast<char>('0' + values[i]));
  return text;
}

std::size_t Integer::bit_length() const {
  if (limbs_.empty()) return 0;
  return 64 * (limbs_.size() - 1) + static_cast<std::size_t>(std::bit_width(limbs_.back()));
}

std::optional<std::uint64_t> Integer::to_uint64() const {
  if (negative_ || limbs_.size() > 1) return std::nullopt;
  return limbs_.empty() ? 0 : limbs_.front();
}

}  // namespace primes
