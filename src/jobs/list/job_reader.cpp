#include "jobs/list/job_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>

#include "jobs/json/characters.hpp"
#include "jobs/json/members.hpp"
#include "jobs/json/nearest.hpp"
#include "jobs/json/utf8.hpp"
#include "jobs/json/values.hpp"
#include "jobs/kinds/countdown/keys.hpp"
#include "jobs/kinds/kind_keys.hpp"
#include "jobs/kinds/prime/keys.hpp"

namespace jobs::detail {
namespace {

constexpr std::size_t id_characters_max = 128;
constexpr std::string_view reserved_prefix = "job-";

template <class Names>
bool contains(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != std::end(names);
}

/// The keys of `kind`; of a kind that nobody knows, those that all kinds have.
std::span<const std::string_view> keys_of(std::optional<std::size_t> kind) {
  if (kind == countdown_kind) return countdown_keys;
  if (kind == prime_kind) return prime_keys;
  return std::span(prime_keys).first(common_keys_end);
}

/// What to say of a key that the job's kind does not have: perhaps another kind does.
std::string unknown_job_key(std::string_view key, std::span<const std::string_view> known) {
  const bool of_countdown = contains(countdown_keys, key);
  if (!of_countdown && !contains(prime_keys, key)) return unknown_key(key, known);
  return "the key " + echo(key) + " is for jobs of kind \"" +
         std::string(kind_names[of_countdown ? countdown_kind : prime_kind]) + "\"; expected " +
         alternatives(known);
}

/// The same in a job whose kind is not known: any kind's keys may be right.
std::string unknown_key_of_any_kind(std::string_view key, std::span<const std::string_view>) {
  if (contains(countdown_keys, key) || contains(prime_keys, key)) return {};
  static constexpr std::array<std::string_view, 9> all = {
      "id", "kind", "executor", "from", "interval", "number", "numbers", "numbers_from", "method"};
  return unknown_key(key, all);
}

/// Which kind the job is of; an unknown one is a fault.
std::optional<std::size_t> read_kind(const Scope& scope) {
  std::size_t value = 0;
  for (std::size_t key = 1; key < scope[0].end && value == 0; key = scope[key + 1].end) {
    if (scope[key].text == "kind") value = key + 1;
  }
  if (value == 0) return std::nullopt;
  if (scope[value].type != TokenType::string) {
    scope.wrong_type(value, alternatives(kind_names));
    return std::nullopt;
  }
  const std::string_view name = scope[value].text;
  const auto place = std::ranges::find(kind_names, name);
  if (place != kind_names.end()) return static_cast<std::size_t>(place - kind_names.begin());
  std::string message = "unknown kind " + echo(name) + "; expected " + alternatives(kind_names);
  const std::string_view near = nearest(name, kind_names);
  if (!near.empty()) message.append(" (the nearest is \"").append(near).append("\")");
  scope.fault(value, std::move(message));
  return std::nullopt;
}

/// True for `job-N` in a place other than N: it could be the name of the job there. Written with
/// leading zeros it is nobody's.
bool is_taken_by_position(std::string_view id, std::size_t position) {
  if (!id.starts_with(reserved_prefix)) return false;
  const std::string_view digits = id.substr(reserved_prefix.size());
  const bool canonical = !digits.empty() && (digits[0] != '0' || digits.size() == 1);
  return canonical && std::ranges::all_of(digits, is_digit) && digits != std::to_string(position);
}

bool has_control(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto point = decode_utf8(text, at);
    if (!point || is_control(point->value)) return true;
    at += point->length;
  }
  return false;
}

/// Ids stand in records, on terminals and perhaps in names of files: no control characters.
bool is_good_id(const Scope& scope, std::size_t node, std::size_t position) {
  const Tree::Node& value = scope[node];
  if (value.type != TokenType::string) {
    scope.wrong_type(node, "a string of 1 to 128 characters");
    return false;
  }
  const std::size_t length = count_code_points(value.text);
  if (length < 1 || length > id_characters_max) {
    scope.fault(node, "an id of " + std::to_string(length) + " characters; expected 1 to " +
                          std::to_string(id_characters_max));
    return false;
  }
  if (has_control(value.text)) {
    scope.fault(node, "a control character in the id " + echo(value.text) + "; expected none");
    return false;
  }
  if (is_taken_by_position(value.text, position)) {
    scope.fault(node, "the id " + echo(value.text) + " is kept for the job at that position; " +
                          "expected \"job-" + std::to_string(position) + "\" or another id");
    return false;
  }
  return true;
}

std::string read_id(const Scope& scope, std::size_t node, const JobContext& context) {
  if (node != 0 && is_good_id(scope, node, context.position)) {
    const std::string_view id = scope[node].text;
    if (context.ids != nullptr) context.ids->claim(scope, node, id);
    return std::string(id);
  }
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), context.position);
  return std::string(reserved_prefix).append(digits.data(), end.ptr);
}

}  // namespace

Job read_job(const Scope& scope, const JobContext& context) {
  const auto kind = read_kind(scope);
  const auto unknown = kind ? unknown_job_key : unknown_key_of_any_kind;
  const Members members = find_members(scope, 0, keys_of(kind), unknown);
  if (members.lacks(kind_key)) {
    scope.missing(0, "missing key \"kind\"; expected it to be " + alternatives(kind_names));
  }
  Job job;
  job.id = read_id(scope, members[id_key], context);
  const Defaults& defaults = context.defaults;
  job.executor = kind == countdown_kind ? defaults.countdown_executor : defaults.prime_executor;
  if (members[executor_key] != 0) job.executor = read_executor(scope, members[executor_key]);
  if (kind == countdown_kind) {
    job.work = read_countdown(scope, members, defaults);
  } else if (kind == prime_kind) {
    job.work = read_prime(scope, 0, members, defaults, context.options);
  }
  return job;
}

}  // namespace jobs::detail
