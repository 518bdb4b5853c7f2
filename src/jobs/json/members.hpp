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
  /// Known keys that an object may have. Every line of a list pays for the room; `KnownKeys` holds
  /// all sets of keys to it.
  static constexpr std::size_t known_max = 8;

  std::array<std::size_t, known_max> values{};
  std::array<bool, known_max> meant{};  ///< an unknown key is there that is probably this one

  std::size_t operator[](std::size_t known) const { return values[known]; }

  /// True if the key is neither there nor misspelt: only then is it worth saying that it is
  /// missing.
  bool lacks(std::size_t known) const { return values[known] == 0 && !meant[known]; }
};

/// A view of the known keys of an object. A set too large for `Members` does not compile.
class KnownKeys {
 public:
  template <std::size_t count>
  constexpr KnownKeys(const std::array<std::string_view, count>& names) : names_(names) {
    static_assert(count <= Members::known_max, "Members has no room for so many keys");
  }

  constexpr std::span<const std::string_view> names() const { return names_; }
  constexpr std::size_t size() const { return names_.size(); }

 private:
  std::span<const std::string_view> names_;
};

/// The place of `key` among `keys`; asking for a key that is not among them does not compile.
template <std::size_t count>
consteval std::size_t place_of_key(const std::array<std::string_view, count>& keys,
                                   std::string_view key) {
  std::size_t place = 0;
  while (keys.at(place) != key) ++place;
  return place;
}

/// `unknown key "nubmer"; the nearest known key is "number"`, or the known ones if none is near.
std::string unknown_key(std::string_view key, std::span<const std::string_view> known);

/// Words the fault of a key that is not among the known ones.
class UnknownKey {
 public:
  /// The message; empty if the key may be there after all.
  virtual std::string message(std::string_view key, std::span<const std::string_view> known) const {
    return unknown_key(key, known);
  }

 protected:
  ~UnknownKey() = default;
};

/// True for `$schema` and keys that begin with `x-`, which may stand in every object.
bool is_free_key(std::string_view key);

/// Finds the members of `object`. Unknown keys, and keys that are there twice, are faults; of the
/// latter the first one counts.
Members find_members(const Scope& scope, std::size_t object, KnownKeys known);
/// The same with a wording of its own for unknown keys.
Members find_members(const Scope& scope, std::size_t object, KnownKeys known,
                     const UnknownKey& unknown);

}  // namespace jobs::detail
