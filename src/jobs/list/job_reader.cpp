#include "jobs/list/job_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>

#include "jobs/json/characters.hpp"
#include "jobs/json/members.hpp"
#include "jobs/json/utf8.hpp"
#include "jobs/json/values.hpp"
#include "jobs/kinds/executor_names.hpp"
#include "jobs/kinds/kinds.hpp"

namespace jobs::detail {
namespace {

constexpr std::size_t id_characters_max = 128;
constexpr std::string_view reserved_prefix = "job-";

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Words the fault of a key that the job's kind does not have: another kind may have it.
class KeyOfAnotherKind final : public UnknownKey {
 public:
  std::string message(std::string_view key,
                      std::span<const std::string_view> known) const override {
    const auto has_key = [&](const Kind& kind) { return contains(kind.keys.names(), key); };
    const auto* const kind = std::ranges::find_if(kinds, has_key);
    if (kind == kinds.end()) return unknown_key(key, known);
    return "the key " + echo(key) + " is for jobs of kind \"" + std::string(kind->name) +
           "\"; expected " + alternatives(known);
  }
};

/// The same in a job of an unknown kind: the keys of every kind may be right.
class KeyOfNoKind final : public UnknownKey {
 public:
  std::string message(std::string_view key, std::span<const std::string_view>) const override {
    const std::span<const std::string_view> all = keys_of_all_kinds();
    return contains(all, key) ? std::string() : unknown_key(key, all);
  }
};

/// The kind of the job; null if it has none, or an unknown one, which is a fault.
const Kind* read_kind(const Scope& scope) {
  std::size_t value = 0;
  for (std::size_t key = 1; key < scope[0].end && value == 0; key = scope[key + 1].end) {
    if (scope[key].text == common_job_keys[kind_key]) value = key + 1;
  }
  if (value == 0) return nullptr;
  const std::optional<std::size_t> place = read_name(scope, value, "kind", kind_names);
  return place ? &kinds[*place] : nullptr;
}

Members find_job_members(const Scope& scope, const Kind* kind) {
  if (kind != nullptr) return find_members(scope, 0, kind->keys, KeyOfAnotherKind());
  return find_members(scope, 0, common_job_keys, KeyOfNoKind());
}

/// True for `job-N` in a place other than N: the job there may have it for a name. No job has a
/// name with leading zeros.
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

/// Checks an id and reports its fault. Ids stand in records, on terminals and perhaps in names of
/// files: they have no control characters.
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
  const Kind* const kind = read_kind(scope);
  const Members members = find_job_members(scope, kind);
  if (members.lacks(kind_key)) {
    scope.missing(0, "missing key \"kind\"; expected it to be " + alternatives(kind_names));
  }
  Job job;
  job.id = read_id(scope, members[id_key], context);
  if (kind != nullptr) {
    const KindDefaults& defaults = context.defaults.of_kind[kind->place];
    job.executor = defaults.executor;
    job.work = kind->read(scope, members, defaults.work, context.options);
  }
  if (members[executor_key] != 0) job.executor = read_executor(scope, members[executor_key]);
  return job;
}

}  // namespace jobs::detail
