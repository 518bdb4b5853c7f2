#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace jobs::detail {

/// One code point and the bytes that it took.
struct CodePoint {
  char32_t value;
  std::size_t length;
};

/// The code point that begins at `at`; empty if the bytes there are not UTF-8 (overlong forms,
/// surrogates and values beyond U+10FFFF are not).
std::optional<CodePoint> decode_utf8(std::string_view text, std::size_t at);

/// The count of code points in `text`, which has to be valid UTF-8.
std::size_t count_code_points(std::string_view text);

/// True for C0 and C1 control characters and DEL, which must not reach a terminal or a record
/// unescaped.
bool is_control(char32_t value);

/// The name of the encoding, `UTF-16LE` for instance, if `text` begins like one of the wide
/// encodings of Unicode, with a byte order mark or without; else empty.
std::string_view wide_encoding(std::string_view text);

/// `text` without the byte order mark of UTF-8, if it begins with one.
std::string_view without_byte_order_mark(std::string_view text);

}  // namespace jobs::detail
