#include "jobs/json/fault.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "jobs/json/limits.hpp"
#include "jobs/json/utf8.hpp"

namespace jobs::detail {
namespace {

// Pointer and one echo share the 80 bytes of input that a report line may repeat.
constexpr std::size_t echo_bytes_max = 40;
constexpr std::size_t pointer_bytes_max = 40;
constexpr std::string_view ellipsis = "…";

/// Characters that turn the direction of writing or end a line: they could make a report look
/// different from its text.
bool is_deceptive(char32_t value) {
  return value == 0x200E || value == 0x200F || (value >= 0x2028 && value <= 0x202E) ||
         (value >= 0x2066 && value <= 0x2069) || value == 0xFEFF;
}

std::string hexadecimal(std::string_view prefix, unsigned value, std::size_t width) {
  std::array<char, 8> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  const auto length = static_cast<std::size_t>(end - digits.data());
  std::string text(prefix);
  text.append(width > length ? width - length : 0, '0');
  return text.append(digits.data(), length);
}

/// Copies `input` character by character until `bytes_max` is reached.
std::string harmless(std::string_view input, std::size_t bytes_max, bool quoted) {
  std::string text;
  for (std::size_t at = 0; at < input.size();) {
    std::string piece;
    const auto point = decode_utf8(input, at);
    if (!point) {
      piece = hexadecimal("\\x", static_cast<unsigned char>(input[at]), 2);
    } else if (is_control(point->value) || is_deceptive(point->value)) {
      piece = hexadecimal("\\u", static_cast<unsigned>(point->value), 4);
    } else {
      if (quoted && (input[at] == '"' || input[at] == '\\')) piece = '\\';
      piece += input.substr(at, point->length);
    }
    at += point ? point->length : 1;
    const std::size_t reserve = at < input.size() ? ellipsis.size() : 0;
    if (text.size() + piece.size() + reserve > bytes_max) return text.append(ellipsis);
    text += piece;
  }
  return text;
}

}  // namespace

bool Faults::wants(std::size_t offset) const {
  return kept_.size() < errors_max || offset < kept_.back().offset;
}

void Faults::add(Fault fault) {
  ++count_;
  if (!wants(fault.offset)) return;
  // Stable: of two faults at one place the one found first comes first.
  const auto place = std::ranges::upper_bound(kept_, fault.offset, {}, &Fault::offset);
  kept_.insert(place, std::move(fault));
  if (kept_.size() > errors_max) kept_.pop_back();
}

std::string echo(std::string_view input) {
  return '"' + harmless(input, echo_bytes_max, true) + '"';
}

std::string echo_bare(std::string_view input) { return harmless(input, echo_bytes_max, false); }

std::string printed_pointer(std::string_view pointer) {
  if (pointer.empty()) return "/";
  return harmless(pointer, pointer_bytes_max, false);
}

void append_token(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (const char c : token.substr(0, pointer_bytes_max + 1)) {  // more is never printed
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string alternatives(std::span<const std::string_view> names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text.append(1, '"').append(names[i]).append(1, '"');
  }
  return text;
}

Place place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
  const std::size_t line_break = before.rfind('\n');
  const std::size_t line_begin = line_break == std::string_view::npos ? 0 : line_break + 1;
  return {line, offset - line_begin + 1};
}

std::string place_text(std::string_view text, std::size_t offset) {
  const Place place = place_of(text, offset);
  return std::to_string(place.line) + ':' + std::to_string(place.column);
}

}  // namespace jobs::detail
