#pragma once

#include <cstddef>
#include <string_view>

namespace jobs::detail {

/// True for JSON's white space.
inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The first offset from `at` on that is not white space.
inline std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

/// The end of the JSON number that begins at `at`, or of its well-formed beginning.
std::size_t number_end(std::string_view text, std::size_t at);

}  // namespace jobs::detail
