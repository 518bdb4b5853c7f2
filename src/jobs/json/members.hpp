#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "jobs/json/scope.hpp"

namespace jobs::detail {

/// The values of an object's known keys, by the key's place among the known ones; 0 if the object
/// has no such key (0 is the tree's root, never a value).
struct Members {
  static constexpr std::size_t known_max = 8;
  std::array<std::size_t, known_max> values{};
  std::array<bool, known_max> meant{};  ///< an unknown key is there that is probably this one

  std::size_t operator[](std::size_t known) const { return values[known]; }

  /// True if the key is neither there nor misspelt: only then is it worth saying that it is
  /// missing.
  bool lacks(std::size_t known) const { return values[known] == 0 && !meant[known]; }
};

/// What to say of a key that is not among the known; nothing if it may be there after all.
using UnknownKey = std::string (*)(std::string_view key, std::span<const std::string_view> known);

/// `unknown key "nubmer"; the nearest known key is "number"`, or the known ones if none is near.
std::string unknown_key(std::string_view key, std::span<const std::string_view> known);

/// The same for a key of a kind's defaults, which may be one that only jobs have.
template <const auto& job_keys>
std::string unknown_default(std::string_view key, std::span<const std::string_view> known) {
  for (const std::string_view job_key : job_keys) {
    if (key == job_key) {
      return "the key " + echo(key) + " has no default; expected " + alternatives(known);
    }
  }
  return unknown_key(key, known);
}

/// True for `$schema` and what begins with `x-`, which may stand in every object.
bool is_free_key(std::string_view key);

/// Finds the members of `object`. Unknown keys, and keys that are there twice, are faults; of the
/// latter the first one counts.
Members find_members(const Scope& scope, std::size_t object,
                     std::span<const std::string_view> known, UnknownKey unknown = unknown_key);

}  // namespace jobs::detail
