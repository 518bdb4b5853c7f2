#include "jobs/bulk/plain_line.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace jobs::detail {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(plain_line_padding >= simdjson::SIMDJSON_PADDING);

// Room for the longest id and number, and for some white space. It bounds what the parser keeps.
constexpr std::size_t line_bytes = 512;
constexpr std::size_t id_bytes_max = 128;
constexpr std::size_t digits_max = 20;

/// The text between the quotes of a string, as it is written, up to the first quote; empty if
/// that is too long. That there is a quote is known: the line was searched for strings that do not
/// end.
std::string_view quoted(ondemand::raw_json_string string, std::size_t bytes_max) {
  const char* const begin = string.raw();
  const char* const end = std::find(begin, begin + bytes_max + 1, '"');
  if (end > begin + bytes_max) return {};
  return {begin, static_cast<std::size_t>(end - begin)};
}

bool is_plain_id(std::string_view id) {
  const auto stands_for_itself = [](char c) { return c >= 0x20 && c < 0x7F && c != '\\'; };
  return !id.empty() && std::all_of(id.begin(), id.end(), stands_for_itself) &&
         !id.starts_with("job-");
}

bool is_canonical(std::string_view digits) { return digits[0] != '0' || digits.size() == 1; }

bool read_digits(std::string_view digits, std::uint64_t& number) {
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  return read.ec == std::errc() && read.ptr == end && is_canonical(digits);
}

bool read_number(ondemand::value& value, std::uint64_t& number) {
  ondemand::json_type type;
  if (value.type().get(type)) return false;
  if (type == ondemand::json_type::number) return !value.get_uint64().get(number);
  if (type != ondemand::json_type::string) return false;
  ondemand::raw_json_string string;
  return !value.get_raw_json_string().get(string) &&
         read_digits(quoted(string, digits_max), number);
}

/// Which of the three members have been there.
struct Seen {
  bool kind = false;
  bool number = false;
  bool id = false;
};

bool read_member(ondemand::field& member, Seen& seen, PlainLine& plain) {
  const ondemand::raw_json_string key = member.key();
  ondemand::value& value = member.value();
  if (key.unsafe_is_equal("number")) {
    return !std::exchange(seen.number, true) && read_number(value, plain.number);
  }
  ondemand::raw_json_string string;
  if (value.get_raw_json_string().get(string)) return false;
  if (key.unsafe_is_equal("kind")) {
    return !std::exchange(seen.kind, true) && string.unsafe_is_equal("prime");
  }
  if (!key.unsafe_is_equal("id") || std::exchange(seen.id, true)) return false;
  plain.id = quoted(string, id_bytes_max);
  return is_plain_id(plain.id);
}

}  // namespace

bool read_plain_line(std::string_view line, std::size_t readable, PlainLine& plain) {
  thread_local ondemand::parser parser(line_bytes);
  if (line.size() < 2 || line.size() > line_bytes || line[0] != '{') return false;
  if (readable < line.size() + plain_line_padding) return false;
  plain.id = {};
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(line.data(), line.size(), readable).get(document)) return false;
  if (document.get_object().get(object)) return false;
  Seen seen;
  for (auto result : object) {
    ondemand::field member;
    if (std::move(result).get(member) || !read_member(member, seen, plain)) return false;
  }
  const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  return at_end && seen.kind && seen.number;
}

}  // namespace jobs::detail
