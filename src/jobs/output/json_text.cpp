#include "jobs/output/json_text.hpp"

#include <charconv>
#include <iterator>

#include "jobs/json/utf8.hpp"

namespace jobs::json_text {
namespace {

/// At least `width` digits, zeros first.
void append_padded(std::string& out, std::uint64_t number, std::size_t width) {
  const auto start = out.size();
  append_number(out, number);
  const auto written = out.size() - start;
  if (written < width) out.insert(start, width - written, '0');
}

/// Whether the byte stands for itself within a JSON string: ASCII, no control, quote or backslash.
bool is_plain(char character) {
  const auto code = static_cast<unsigned char>(character);
  return code >= 0x20 && code < 0x7F && character != '"' && character != '\\';
}

/// For code points below U+0100: quotes, backslashes and control characters.
void append_escaped(std::string& out, char32_t value) {
  switch (value) {
    case U'"': out += "\\\""; return;
    case U'\\': out += "\\\\"; return;
    case U'\n': out += "\\n"; return;
    case U'\r': out += "\\r"; return;
    case U'\t': out += "\\t"; return;
    default: break;
  }
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\u00";
  out += hex[value >> 4];
  out += hex[value & 15];
}

}  // namespace

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  out.append(digits, end);
}

void append_ms(std::string& out, std::chrono::nanoseconds duration) {
  const auto count = duration.count();
  if (count < 0) out += '-';
  const auto magnitude = count < 0
                             ? 0 - static_cast<std::uint64_t>(count)  // right for the least too
                             : static_cast<std::uint64_t>(count);
  const auto microseconds = magnitude / 1000;
  append_number(out, microseconds / 1000);
  out += '.';
  append_padded(out, microseconds % 1000, 3);
}

void append_time(std::string& out, std::chrono::system_clock::time_point time) {
  using namespace std::chrono;  // not strftime, which looks at the locale and the zone
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<milliseconds>(time - day)};
  out += '"';
  append_padded(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, static_cast<std::uint64_t>(clock.hours().count()), 2);
  out += ':';
  append_padded(out, static_cast<std::uint64_t>(clock.minutes().count()), 2);
  out += ':';
  append_padded(out, static_cast<std::uint64_t>(clock.seconds().count()), 2);
  out += '.';
  append_padded(out, static_cast<std::uint64_t>(clock.subseconds().count()), 3);
  out += "Z\"";
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t at = 0;
  while (at < text.size()) {
    auto end = at;
    while (end < text.size() && is_plain(text[end])) ++end;
    out.append(text, at, end - at);
    at = end;
    if (at == text.size()) break;
    const auto point = detail::decode_utf8(text, at);
    if (!point) {
      out += "\xEF\xBF\xBD";
      ++at;
      continue;
    }
    if (point->value < 0x80 || detail::is_control(point->value)) {
      append_escaped(out, point->value);
    } else {
      out.append(text, at, point->length);
    }
    at += point->length;
  }
  out += '"';
}

}  // namespace jobs::json_text
