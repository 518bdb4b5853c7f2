#pragma once

#include <cstddef>

namespace jobs {

/// Digits that a bare integer may have: past about 308 nlohmann's lexer gives up.
inline constexpr std::size_t bare_digits_max = 300;
/// Digits that a quoted integer may have unless a setting says less.
inline constexpr std::size_t quoted_digits_max = 20'000;
/// Errors in one report.
inline constexpr std::size_t errors_max = 100;
/// Levels of nesting in a list.
inline constexpr std::size_t nesting_max = 64;
/// Bytes of one line in a list with one job a line.
inline constexpr std::size_t line_bytes_max = 1'048'576;

}  // namespace jobs
