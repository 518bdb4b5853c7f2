#include "jobs/bulk/line_detection.hpp"

#include <algorithm>

#include "jobs/bulk/line_reader.hpp"
#include "jobs/json/characters.hpp"
#include "jobs/json/utf8.hpp"

namespace jobs {

namespace {

/// The end of the string that begins at `at`, its quote included; the line's if it has none.
std::size_t string_end(std::string_view line, std::size_t at) {
  for (++at; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] == '\\') ++at;
  }
  return std::min(at + 1, line.size());
}

/// Whether the outermost object has a key `kind`, as far as it is one. A JSON parser would give up
/// at a number beyond a double, and at all that is wrong before the key.
bool has_kind(std::string_view line) {
  std::size_t at = detail::skip_space(line, 0);
  if (at == line.size() || line[at] != '{') return false;
  std::size_t depth = 1;
  for (++at; at < line.size() && depth > 0; ++at) {
    const char c = line[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const std::size_t end = string_end(line, at);
    const std::size_t next = detail::skip_space(line, end);
    const bool is_key = depth == 1 && next < line.size() && line[next] == ':';
    if (is_key && line.substr(at, end - at) == "\"kind\"") return true;
    at = end - 1;
  }
  return false;
}

}  // namespace

FirstLine look_at_first_line(std::string_view text) {
  text = detail::without_byte_order_mark(text);
  for (;;) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return FirstLine::incomplete;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (is_blank(line)) continue;
    return has_kind(line) ? FirstLine::job : FirstLine::other;
  }
}

}  // namespace jobs
