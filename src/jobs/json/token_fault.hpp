#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace jobs::detail {

/// A mistake in one token, and its exact place.
struct TokenFault {
  std::size_t offset;
  std::string message;
};

/// The fault of a token at `at` that belongs to other languages and never to JSON: a comment,
/// single quotes, a typographic quote, a zero byte, a byte that is not UTF-8.
std::optional<TokenFault> foreign_token_fault(std::string_view text, std::size_t at);

/// The first fault of the string that begins at `at`, if it has one.
std::optional<TokenFault> string_fault(std::string_view text, std::size_t at);

/// The fault of a text that begins like a number at `at` and is none, or is too large.
TokenFault number_fault(std::string_view text, std::size_t at);

/// The fault of a number that ends before `at` too early: `007`, `0x1F`, `1_000`. Its place is the
/// number's beginning.
std::optional<TokenFault> number_tail_fault(std::string_view text, std::size_t at);

/// The letters and digits from `at` on, if a letter or an underscore begins them.
std::string_view bare_word(std::string_view text, std::size_t at);

/// The message for a word without quotes in the place of a value.
std::string word_message(std::string_view word);

/// The message for an integer of so many digits without quotes.
std::string bare_digits_message(std::size_t digits);

}  // namespace jobs::detail
