#include "jobs/json/values.hpp"

#include <charconv>
#include <span>
#include <variant>

#include "jobs/json/duration.hpp"
#include "jobs/json/nearest.hpp"

namespace jobs::detail {
namespace {

constexpr std::array<std::string_view, 2> executors = {"loop", "thread"};
constexpr std::array<std::string_view, 2> methods = {"auto", "trial_division"};

/// The text at `node` if it is one of `names`.
std::optional<std::string_view> read_name(const Scope& scope, std::size_t node,
                                          std::string_view what,
                                          std::span<const std::string_view> names) {
  const Tree::Node& value = scope[node];
  if (value.type != TokenType::string) {
    scope.wrong_type(node, alternatives(names));
    return std::nullopt;
  }
  for (const std::string_view name : names) {
    if (name == value.text) return name;
  }
  std::string message =
      "unknown " + std::string(what) + ' ' + echo(value.text) + "; expected " + alternatives(names);
  const std::string_view near = nearest(value.text, names);
  if (!near.empty()) message.append(" (the nearest is \"").append(near).append("\")");
  scope.fault(node, std::move(message));
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> read_count(const Scope& scope, std::size_t node, std::uint64_t least,
                                        std::uint64_t most) {
  const Tree::Node& value = scope[node];
  const std::string expected =
      "an integer from " + std::to_string(least) + " to " + std::to_string(most);
  if (value.type != TokenType::number) {
    scope.wrong_type(node, expected);
    return std::nullopt;
  }
  std::uint64_t count = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto read = std::from_chars(value.text.data(), end, count);
  const bool zero = value.text == "-0";
  const bool good = zero || (read.ec == std::errc() && read.ptr == end);
  if (!good || count < least || count > most) {
    scope.fault(node, "found " + echo_bare(value.text) + "; expected " + expected);
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

std::optional<Executor> read_executor(const Scope& scope, std::size_t node) {
  if (scope[node].type == TokenType::string && scope[node].text == "process") {
    scope.fault(node, "the executor \"process\" comes later; expected " + alternatives(executors));
    return std::nullopt;
  }
  const auto name = read_name(scope, node, "executor", executors);
  if (!name) return std::nullopt;
  return *name == "loop" ? Executor::loop : Executor::thread;
}

std::optional<primes::Algorithm> read_method(const Scope& scope, std::size_t node) {
  const auto name = read_name(scope, node, "method", methods);
  if (!name) return std::nullopt;
  return *name == "auto" ? primes::Algorithm::automatic : primes::Algorithm::trial_division;
}

}  // namespace jobs::detail
