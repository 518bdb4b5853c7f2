#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "jobs/json/fault.hpp"
#include "jobs/json/tree.hpp"

namespace jobs::detail {

/// A tree under interpretation, with its place in the list and the destination of its faults.
struct Scope {
  const Tree& tree;
  Faults& faults;
  std::string_view base = {};             ///< JSON Pointer of the tree's root, or of its list
  std::optional<std::size_t> index = {};  ///< the root's place in that list
  bool cut = false;  ///< the text broke off: a missing key may have stood in the rest

  const Tree::Node& operator[](std::size_t node) const { return tree[node]; }

  /// Reports a fault at `node`.
  void fault(std::size_t node, std::string message) const;

  /// Reports a missing key of the object `node`, unless the text broke off.
  void missing(std::size_t node, std::string message) const;

  /// Reports the wrong type of `node`.
  void wrong_type(std::size_t node, std::string_view expected) const;
};

/// The word for `type` in messages: `a string`, `an object` and so on.
std::string_view noun(TokenType type);

}  // namespace jobs::detail
