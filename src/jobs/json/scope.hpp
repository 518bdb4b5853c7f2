#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "jobs/json/fault.hpp"
#include "jobs/json/tree.hpp"

namespace jobs::detail {

/// A tree that is being understood: where it hangs in the list, and where its faults go.
struct Scope {
  const Tree& tree;
  Faults& faults;
  std::string_view base = {};             ///< JSON Pointer of the tree's root, or of its list
  std::optional<std::size_t> index = {};  ///< the root's place in that list
  bool cut = false;                       ///< the text broke off: what is missing may be beyond

  const Tree::Node& operator[](std::size_t node) const { return tree[node]; }

  /// Says that something is wrong at `node`.
  void fault(std::size_t node, std::string message) const;

  /// Says that something is missing in the object `node`.
  void missing(std::size_t node, std::string message) const;

  /// Says that `node` is of a wrong type.
  void wrong_type(std::size_t node, std::string_view expected) const;
};

/// `a string`, `an object` and so on: what `type` is called in messages.
std::string_view noun(TokenType type);

}  // namespace jobs::detail
