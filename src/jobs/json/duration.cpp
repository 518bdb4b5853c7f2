#include "jobs/json/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>

#include "jobs/json/characters.hpp"
#include "jobs/json/fault.hpp"

namespace jobs::detail {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t max_ns = static_cast<std::uint64_t>(duration_max.count());

struct Unit {
  std::string_view name;
  std::uint64_t ns;
};

constexpr std::array<Unit, 7> units = {{{"ns", 1},
                                        {"us", 1'000},
                                        {"ms", 1'000'000},
                                        {"s", 1'000'000'000},
                                        {"m", 60'000'000'000},
                                        {"h", 3'600'000'000'000},
                                        {"d", 86'400'000'000'000}}};

constexpr std::uint64_t second_ns = 1'000'000'000;

std::size_t digits_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// A decimal number: the digits before the point and after it, and by how many places an exponent
/// moves the point.
struct Decimal {
  std::string_view before;
  std::string_view after;
  std::int64_t exponent = 0;

  /// The i-th of all digits.
  unsigned digit(std::size_t i) const {
    return static_cast<unsigned>((i < before.size() ? before[i] : after[i - before.size()]) - '0');
  }
  std::size_t size() const { return before.size() + after.size(); }
};

/// The number times `unit_ns`, rounded to the nearest; empty if it passes the longest duration.
std::optional<std::uint64_t> in_ns(const Decimal& number, std::uint64_t unit_ns) {
  constexpr std::size_t fraction_digits_max = 18;  // 10^18 times a day's ns fit into 128 bits
  const std::int64_t point = static_cast<std::int64_t>(number.before.size()) + number.exponent;
  Wide whole = 0;
  Wide fraction = 0;
  Wide scale = 1;
  std::size_t fraction_digits = 0;
  if (point < 0) {  // zeros between the point and the first digit
    const auto zeros = static_cast<std::uint64_t>(-point);
    fraction_digits = static_cast<std::size_t>(std::min<std::uint64_t>(zeros, fraction_digits_max));
    for (std::size_t i = 0; i < fraction_digits; ++i) scale *= 10;
  }
  for (std::size_t i = 0; i < number.size(); ++i) {
    if (static_cast<std::int64_t>(i) < point) {
      whole = whole * 10 + number.digit(i);
      if (whole * unit_ns > max_ns) return std::nullopt;
    } else if (fraction_digits < fraction_digits_max) {
      fraction = fraction * 10 + number.digit(i);
      scale *= 10;
      ++fraction_digits;
    }
  }
  for (auto i = static_cast<std::int64_t>(number.size()); i < point && whole != 0; ++i) {
    whole *= 10;
    if (whole * unit_ns > max_ns) return std::nullopt;
  }
  const Wide ns = whole * unit_ns + (fraction * unit_ns + scale / 2) / scale;
  if (ns > max_ns) return std::nullopt;
  return static_cast<std::uint64_t>(ns);
}

/// Reads `digits[.digits]` at `at` and moves `at` past it.
std::optional<Decimal> take_decimal(std::string_view text, std::size_t& at) {
  Decimal number;
  const std::size_t before_end = digits_end(text, at);
  if (before_end == at) return std::nullopt;
  number.before = text.substr(at, before_end - at);
  at = before_end;
  if (at < text.size() && text[at] == '.') {
    const std::size_t after_end = digits_end(text, at + 1);
    if (after_end == at + 1) return std::nullopt;
    number.after = text.substr(at + 1, after_end - at - 1);
    at = after_end;
  }
  return number;
}

/// Reads `e[+-]digits`, the whole of `text`. Very large exponents all mean the same here.
std::optional<std::int64_t> read_exponent(std::string_view text) {
  constexpr std::int64_t large = 1'000'000'000'000;
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || digits_end(text, 0) != text.size()) return std::nullopt;
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || value > large) value = large;
  return negative ? -value : value;
}

Duration as_duration(std::uint64_t ns) { return Duration(static_cast<Duration::rep>(ns)); }

}  // namespace

std::variant<Duration, DurationFault> read_unit_duration(std::string_view text) {
  if (text.starts_with('-')) return DurationFault::negative;
  if (text.empty()) return DurationFault::malformed;
  std::uint64_t sum_ns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto number = take_decimal(text, at);
    if (!number) return DurationFault::malformed;
    std::size_t end = at;
    while (end < text.size() && !is_digit(text[end]) && text[end] != '.') ++end;
    const std::string_view name = text.substr(at, end - at);
    if (name.empty()) return at < text.size() ? DurationFault::malformed : DurationFault::no_unit;
    const auto unit = std::ranges::find(units, name, &Unit::name);
    if (unit == units.end()) return DurationFault::unknown_unit;
    const auto ns = in_ns(*number, unit->ns);
    if (!ns || sum_ns + *ns > max_ns) return DurationFault::too_long;
    sum_ns += *ns;
    at = end;
  }
  return as_duration(sum_ns);
}

std::variant<Duration, DurationFault> read_seconds(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::size_t at = negative ? 1 : 0;
  auto number = take_decimal(text, at);
  if (!number) return DurationFault::malformed;
  if (at < text.size()) {
    const auto exponent = read_exponent(text.substr(at));
    if (!exponent) return DurationFault::malformed;
    number->exponent = *exponent;
  }
  const auto is_zero = [](char c) { return c == '0'; };
  const bool zero =
      std::ranges::all_of(number->before, is_zero) && std::ranges::all_of(number->after, is_zero);
  if (zero) return Duration::zero();
  if (negative) return DurationFault::negative;
  const auto ns = in_ns(*number, second_ns);
  if (!ns) return DurationFault::too_long;
  return as_duration(*ns);
}

std::string duration_message(DurationFault fault, std::string_view text, bool bare) {
  const std::string written = bare ? echo_bare(text) : echo(text);
  switch (fault) {
    case DurationFault::negative:
      return "the duration " + written + " is negative; expected 0 to 100 years";
    case DurationFault::too_long:
      return "the duration " + written + " is too long; expected 0 to 100 years";
    case DurationFault::no_unit:
      return "the duration " + written +
             " lacks a unit; expected one of ns us ms s m h d after each number, as in \"1m30s\"";
    case DurationFault::unknown_unit:
      return "the duration " + written +
             " has an unknown unit; expected one of ns us ms s m h d after each number";
    case DurationFault::malformed: break;
  }
  return written +
         " is not a duration; expected a number of seconds, or text such as \"1m30s\" or "
         "\"1.5s\"";
}

}  // namespace jobs::detail

namespace jobs {

std::optional<Duration> parse_duration(std::string_view text) {
  auto read = detail::read_unit_duration(text);
  if (!std::holds_alternative<Duration>(read)) read = detail::read_seconds(text);
  if (const auto* duration = std::get_if<Duration>(&read)) return *duration;
  return std::nullopt;
}

}  // namespace jobs
