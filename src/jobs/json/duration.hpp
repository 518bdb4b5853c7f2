#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "jobs/job.hpp"

namespace jobs {

/// Reads a duration as a list has it in a string, `1m30s` or `1.5s`; empty if it is none or passes
/// 100 years of 365.25 days. For flags and the environment: a bare number of seconds is accepted
/// too, in JSON's notation of numbers.
std::optional<Duration> parse_duration(std::string_view text);

namespace detail {

/// The longest duration: 100 years of 365.25 days.
inline constexpr Duration duration_max = std::chrono::hours(24 * 36525);

/// Why a text is no duration.
enum class DurationFault {
  negative,
  too_long,
  no_unit,       ///< digits without a unit
  unknown_unit,  ///< letters that are none of the units
  malformed,
};

/// Reads one or more `<number><unit>`, exactly: decimal digits become nanoseconds without a
/// floating-point number in between; finer fractions are rounded to the nearest nanosecond.
std::variant<Duration, DurationFault> read_unit_duration(std::string_view text);

/// Reads a number of seconds in JSON's notation, fraction and exponent included, as exactly.
std::variant<Duration, DurationFault> read_seconds(std::string_view text);

/// The message for `fault`: the mistake and the expectation. `bare` if `text` has no quotes.
std::string duration_message(DurationFault fault, std::string_view text, bool bare);

}  // namespace detail
}  // namespace jobs
