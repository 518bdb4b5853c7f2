#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace jobs::detail {

/// What is wrong with one token, and where exactly.
struct TokenFault {
  std::size_t offset;
  std::string message;
};

/// Something at `at` that JSON has nowhere, though other languages do: a comment, single quotes, a
/// typographic quote, a zero byte, a byte that is not UTF-8.
std::optional<TokenFault> foreign_token_fault(std::string_view text, std::size_t at);

/// The first fault of the string that begins at `at`, if it has one.
std::optional<TokenFault> string_fault(std::string_view text, std::size_t at);

/// Why what begins like a number at `at` is none, or cannot be read.
TokenFault number_fault(std::string_view text, std::size_t at);

/// Why the number that ends before `at` should not have ended there: `007`, `0x1F`, `1_000`. It is
/// the number's beginning that is wrong then.
std::optional<TokenFault> number_tail_fault(std::string_view text, std::size_t at);

/// The letters and digits from `at` on, if a letter or an underscore begins them.
std::string_view bare_word(std::string_view text, std::size_t at);

/// What to say of a word without quotes where a value should be.
std::string word_message(std::string_view word);

/// What to say of an integer of so many digits without quotes.
std::string bare_digits_message(std::size_t digits);

}  // namespace jobs::detail
