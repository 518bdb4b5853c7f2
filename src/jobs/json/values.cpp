#include "jobs/json/values.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <variant>

#include "jobs/json/duration.hpp"
#include "jobs/json/nearest.hpp"

namespace jobs::detail {

std::optional<std::uint64_t> read_count(const Scope& scope, std::size_t node, std::uint64_t least,
                                        std::uint64_t most) {
  const Tree::Node& value = scope[node];
  const auto expected = [&] {
    return "an integer from " + std::to_string(least) + " to " + std::to_string(most);
  };
  if (value.type != TokenType::number) {
    scope.wrong_type(node, expected());
    return std::nullopt;
  }
  std::uint64_t count = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto read = std::from_chars(value.text.data(), end, count);
  const bool zero = value.text == "-0";
  const bool good = zero || (read.ec == std::errc() && read.ptr == end);
  if (!good || count < least || count > most) {
    scope.fault(node, "found " + echo_bare(value.text) + "; expected " + expected());
    return std::nullopt;
  }
  return count;
}

std::optional<Duration> read_duration(const Scope& scope, std::size_t node) {
  const Tree::Node& value = scope[node];
  const bool bare = value.type == TokenType::number;
  if (!bare && value.type != TokenType::string) {
    scope.wrong_type(node, "a duration: a number of seconds, or text such as \"1m30s\"");
    return std::nullopt;
  }
  const auto read = bare ? read_seconds(value.text) : read_unit_duration(value.text);
  if (const auto* duration = std::get_if<Duration>(&read)) return *duration;
  scope.fault(node, duration_message(std::get<DurationFault>(read), value.text, bare));
  return std::nullopt;
}

std::optional<std::string> read_path(const Scope& scope, std::size_t node) {
  const Tree::Node& value = scope[node];
  if (value.type != TokenType::string) {
    scope.wrong_type(node, "the name of a file in quotes");
    return std::nullopt;
  }
  if (value.text.empty() || value.text.find('\0') != std::string_view::npos) {
    scope.fault(node, value.text.empty() ? "an empty string; expected the name of a file"
                                         : "a zero byte in it; expected the name of a file");
    return std::nullopt;
  }
  return std::string(value.text);
}

std::optional<std::size_t> read_name(const Scope& scope, std::size_t node, std::string_view noun,
                                     std::span<const std::string_view> names) {
  const Tree::Node& value = scope[node];
  if (value.type != TokenType::string) {
    scope.wrong_type(node, alternatives(names));
    return std::nullopt;
  }
  const auto place = std::ranges::find(names, value.text);
  if (place != names.end()) return static_cast<std::size_t>(place - names.begin());
  std::string message =
      "unknown " + std::string(noun) + ' ' + echo(value.text) + "; expected " + alternatives(names);
  const std::string_view near = nearest(value.text, names);
  if (!near.empty()) message.append(" (the nearest is \"").append(near).append("\")");
  scope.fault(node, std::move(message));
  return std::nullopt;
}

}  // namespace jobs::detail
