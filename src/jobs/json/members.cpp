#include "jobs/json/members.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "jobs/json/nearest.hpp"

namespace jobs::detail {
namespace {

void report_repeated(const Scope& scope, std::size_t key) {
  scope.fault(key, "the key " + echo(scope[key].text) + " is there twice; expected it once");
}

/// Finds keys that are there twice among the free ones, which have no place of their own. Sorting
/// keeps an object of a million `x-` keys from taking a million times a million comparisons.
void report_repeated_among(const Scope& scope, std::vector<std::size_t>& keys) {
  std::ranges::stable_sort(keys, {}, [&](std::size_t key) { return scope[key].text; });
  for (std::size_t i = 1; i < keys.size(); ++i) {
    if (scope[keys[i]].text == scope[keys[i - 1]].text) report_repeated(scope, keys[i]);
  }
}

void note_meant(std::string_view key, std::span<const std::string_view> known, Members& members) {
  const std::string_view near = nearest(key, known);
  if (near.empty()) return;
  const auto place = std::ranges::find(known, near);
  members.meant[static_cast<std::size_t>(place - known.begin())] = true;
}

}  // namespace

std::string unknown_key(std::string_view key, std::span<const std::string_view> known) {
  const std::string_view near = nearest(key, known);
  if (near.empty()) return "unknown key " + echo(key) + "; expected " + alternatives(known);
  return "unknown key " + echo(key) + "; the nearest known key is " + echo(near);
}

bool is_free_key(std::string_view key) { return key == "$schema" || key.starts_with("x-"); }

Members find_members(const Scope& scope, std::size_t object, KnownKeys known) {
  struct Nearest final : UnknownKey {};
  return find_members(scope, object, known, Nearest{});
}

Members find_members(const Scope& scope, std::size_t object, KnownKeys known,
                     const UnknownKey& unknown) {
  const std::span<const std::string_view> names = known.names();
  Members members;
  std::vector<std::size_t> free;
  for (std::size_t key = object + 1; key < scope[object].end; key = scope[key + 1].end) {
    const std::string_view text = scope[key].text;
    const auto place = std::ranges::find(names, text);
    if (place == names.end()) {
      if (is_free_key(text)) {
        free.push_back(key);
      } else if (std::string message = unknown.message(text, names); !message.empty()) {
        scope.fault(key, std::move(message));
        note_meant(text, names, members);
      }
      continue;
    }
    std::size_t& value = members.values[static_cast<std::size_t>(place - names.begin())];
    if (value == 0) {
      value = key + 1;
    } else {
      report_repeated(scope, key);
    }
  }
  if (free.size() > 1) report_repeated_among(scope, free);
  return members;
}

}  // namespace jobs::detail
