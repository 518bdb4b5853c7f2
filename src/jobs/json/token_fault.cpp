#include "jobs/json/token_fault.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "jobs/json/characters.hpp"
#include "jobs/json/fault.hpp"
#include "jobs/json/limits.hpp"
#include "jobs/json/utf8.hpp"

namespace jobs::detail {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

char at_or_zero(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}

TokenFault broken_utf8(std::string_view text, std::size_t at) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(text[at]);
  return {at, std::string("the byte 0x") + digits[byte >> 4] + digits[byte & 15] +
                  " is not valid UTF-8 here; expected text in UTF-8"};
}

/// The four digits of a \u escape; empty if there are not four.
std::optional<unsigned> hexadecimal_four(std::string_view text, std::size_t at) {
  if (text.size() < at + 4) return std::nullopt;
  unsigned value = 0;
  const char* const end = text.data() + at + 4;
  const auto read = std::from_chars(text.data() + at, end, value, 16);
  if (read.ptr != end) return std::nullopt;
  return value;
}

/// Checks the \u escape whose backslash is at `at`; the bytes it takes, or 0.
std::size_t unicode_escape_length(std::string_view text, std::size_t at) {
  const auto first = hexadecimal_four(text, at + 2);
  if (!first || (*first >= 0xDC00 && *first < 0xE000)) return 0;
  if (*first < 0xD800 || *first >= 0xE000) return 6;
  if (at_or_zero(text, at + 6) != '\\' || at_or_zero(text, at + 7) != 'u') return 0;
  const auto second = hexadecimal_four(text, at + 8);
  return second && *second >= 0xDC00 && *second < 0xE000 ? 12 : 0;
}

/// Checks the escape whose backslash is at `at`; the bytes it takes, or 0.
std::size_t escape_length(std::string_view text, std::size_t at) {
  const char c = at_or_zero(text, at + 1);
  if (c == 'u') return unicode_escape_length(text, at);
  return c != '\0' && std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos ? 2 : 0;
}

TokenFault escape_fault(std::string_view text, std::size_t at) {
  if (at_or_zero(text, at + 1) == 'u') {
    return {at,
            "a \\u escape that names no character; expected four hexadecimal digits, and "
            "surrogates in pairs"};
  }
  return {at, "unknown escape " + echo(text.substr(at, 2)) +
                  " in a string; expected \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX"};
}

TokenFault control_fault(std::string_view text, std::size_t at, std::size_t begin) {
  if (text[at] == '\n' || text[at] == '\r') {
    return {at, "a line break inside the string that begins at " + place_text(text, begin) +
                    "; expected its closing quote, or \\n for a line break"};
  }
  return {at, "a control character inside a string; expected it as an escape (\\t, \\u0000)"};
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

std::optional<TokenFault> foreign_token_fault(std::string_view text, std::size_t at) {
  const char c = text[at];
  const char next = at_or_zero(text, at + 1);
  if (c == '\0') return TokenFault{at, "a zero byte; expected plain JSON text"};
  if (c == '#' || (c == '/' && (next == '/' || next == '*'))) {
    return TokenFault{at,
                      "a comment; expected none, as JSON has no comments (a key that begins "
                      "with \"x-\" may hold a note)"};
  }
  if (c == '\'') return TokenFault{at, "single quotes; expected double quotes"};
  if (static_cast<unsigned char>(c) < 0x80) return std::nullopt;
  const auto point = decode_utf8(text, at);
  if (!point) return broken_utf8(text, at);
  if (point->value >= 0x2018 && point->value <= 0x201F) {
    return TokenFault{at, "a typographic quote; expected a plain double quote"};
  }
  if (point->value == 0xFEFF) {
    return TokenFault{at, "a second byte order mark; expected JSON text"};
  }
  if (point->value == 0xA0) return TokenFault{at, "a no-break space; expected a plain space"};
  return std::nullopt;
}

std::optional<TokenFault> string_fault(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"') return std::nullopt;
    if (c < 0x20) return control_fault(text, i, at);
    if (c == '\\') {
      const std::size_t length = escape_length(text, i);
      if (length == 0 && i + 1 < text.size()) return escape_fault(text, i);
      i += std::max<std::size_t>(length, 1);
    } else {
      const auto point = decode_utf8(text, i);
      if (!point) return broken_utf8(text, i);
      i += point->length;
    }
  }
  return TokenFault{at, "a string that never ends; expected its closing quote"};
}

TokenFault number_fault(std::string_view text, std::size_t at) {
  if (text[at] == '+') return {at, "a plus sign; expected a number without it"};
  if (text[at] == '.') {
    return {at, "a decimal point without digits before it; expected 0 before it"};
  }
  const std::size_t end = number_end(text, at);
  const std::string_view token = text.substr(at, end - at);
  const std::size_t digits_begin = token.starts_with('-') ? 1 : 0;
  if (token == "-") {
    const std::string_view word = bare_word(text, end);
    if (!word.empty()) return {at, word_message(word)};
    return {at, "a minus sign without digits; expected a number"};
  }
  if (token.back() == '.') return {at, "a decimal point without digits after it; expected digits"};
  if (!is_digit(token.back())) return {at, "an exponent without digits; expected digits"};
  const std::string_view digits = token.substr(digits_begin);
  if (std::ranges::all_of(digits, is_digit)) return {at, bare_digits_message(digits.size())};
  return {at,
          "the number " + echo_bare(token) + " is too large to be read; expected one below 1e308"};
}

std::optional<TokenFault> number_tail_fault(std::string_view text, std::size_t at) {
  if (at == 0 || !is_digit(text[at - 1])) return std::nullopt;
  const char c = text[at];
  std::size_t begin = at - 1;
  while (begin > 0 && (is_digit(text[begin - 1]) || text[begin - 1] == '-')) --begin;
  if (text[at - 1] == '0' && is_digit(c)) {
    return TokenFault{begin, "a number with leading zeros; expected it without them"};
  }
  if (text[at - 1] == '0' && (c == 'x' || c == 'X')) {
    return TokenFault{begin, "a hexadecimal number without quotes; expected \"0x…\" in quotes"};
  }
  if (c == '_') return TokenFault{begin, "an underscore inside a number; expected digits only"};
  if (is_letter(c)) {
    return TokenFault{begin,
                      "letters after a number; expected a number alone, or the whole in "
                      "double quotes"};
  }
  return std::nullopt;
}

std::string_view bare_word(std::string_view text, std::size_t at) {
  if (!is_letter(at_or_zero(text, at))) return {};
  std::size_t end = at + 1;
  while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]) || text[end] == '-')) {
    ++end;
  }
  return text.substr(at, end - at);
}

std::string word_message(std::string_view word) {
  if (is_one_of(word, {"NaN", "nan", "Infinity", "infinity", "inf", "Inf"})) {
    return echo(word) + " is not a number in JSON; expected a finite number";
  }
  if (is_one_of(word, {"True", "TRUE"})) return "unexpected " + echo(word) + "; expected true";
  if (is_one_of(word, {"False", "FALSE"})) return "unexpected " + echo(word) + "; expected false";
  if (is_one_of(word, {"None", "NULL", "Null", "nil", "undefined"})) {
    return "unexpected " + echo(word) + "; expected null, or no such key";
  }
  return echo(word) + " has no quotes; expected a value (text in double quotes)";
}

std::string bare_digits_message(std::size_t digits) {
  const std::string limit = std::to_string(bare_digits_max);
  return "an integer of " + std::to_string(digits) + " digits without quotes; expected at most " +
         limit + " digits (quote integers of more than " + limit + " digits)";
}

}  // namespace jobs::detail
