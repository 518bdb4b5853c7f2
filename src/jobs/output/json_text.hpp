#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

/// How numbers, times and strings are written in a record. Each appends to `out`; none looks at the
/// locale or the time zone.
namespace jobs::json_text {

void append_number(std::string& out, std::uint64_t number);

/// Milliseconds with three decimals. Cut, not rounded: what is shown has truly passed.
void append_ms(std::string& out, std::chrono::nanoseconds duration);

/// `"2026-11-22T06:00:00.000Z"` with its quotes: UTC, the milliseconds cut.
void append_time(std::string& out, std::chrono::system_clock::time_point time);

/// A JSON string with its quotes. No control character goes out raw, be it C0, DEL or C1, so
/// that a record cannot steer a terminal. A byte that is not UTF-8 (an error may quote the input)
/// becomes U+FFFD: every line stays readable for every JSON reader.
void append_string(std::string& out, std::string_view text);

}  // namespace jobs::json_text
