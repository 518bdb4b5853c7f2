#include "jobs/json/utf8.hpp"

#include <algorithm>
#include <array>

namespace jobs::detail {
namespace {

using namespace std::string_view_literals;

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

/// A lead byte says how many bytes follow; `least` is the smallest value that needs so many.
struct Lead {
  std::size_t following;
  char32_t bits;
  char32_t least;
};

std::optional<Lead> read_lead(unsigned byte) {
  if (byte < 0x80) return Lead{0, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return Lead{1, byte & 0x1F, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return Lead{2, byte & 0x0F, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return Lead{3, byte & 0x07, 0x10000};
  return std::nullopt;
}

}  // namespace

std::optional<CodePoint> decode_utf8(std::string_view text, std::size_t at) {
  const auto lead = read_lead(byte_at(text, at));
  if (!lead || text.size() - at <= lead->following) return std::nullopt;
  char32_t value = lead->bits;
  for (std::size_t i = 1; i <= lead->following; ++i) {
    const unsigned byte = byte_at(text, at + i);
    if ((byte & 0xC0) != 0x80) return std::nullopt;
    value = (value << 6) | (byte & 0x3F);
  }
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  if (value < lead->least || surrogate || value > 0x10FFFF) return std::nullopt;
  return CodePoint{value, lead->following + 1};
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_control(char32_t value) { return value < 0x20 || (value >= 0x7F && value < 0xA0); }

std::string_view wide_encoding(std::string_view text) {
  // JSON begins with an ASCII character, so the place of the zero bytes tells the encoding
  // (RFC 4627, section 3). The 32-bit forms come first: their marks begin with the 16-bit ones.
  if (text.starts_with("\xFF\xFE\0\0"sv)) return "UTF-32LE";
  if (text.starts_with("\0\0\xFE\xFF"sv)) return "UTF-32BE";
  if (text.starts_with("\xFF\xFE"sv)) return "UTF-16LE";
  if (text.starts_with("\xFE\xFF"sv)) return "UTF-16BE";
  if (text.size() < 2) return {};
  const std::array<bool, 4> zero = {text[0] == '\0', text[1] == '\0',
                                    text.size() > 2 && text[2] == '\0',
                                    text.size() > 3 && text[3] == '\0'};
  if (text.size() > 3 && !zero[0] && zero[1] && zero[2] && zero[3]) return "UTF-32LE";
  if (text.size() > 3 && zero[0] && zero[1] && zero[2] && !zero[3]) return "UTF-32BE";
  if (!zero[0] && zero[1]) return "UTF-16LE";
  if (zero[0] && !zero[1]) return "UTF-16BE";
  return {};
}

std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF"sv)) text.remove_prefix(3);
  return text;
}

}  // namespace jobs::detail
