#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/json/json_reader.hpp"

namespace jobs::detail {

/// A small piece of a text as a tree: one job, the settings, the defaults. It is flat, in the order
/// of the text: one allocation, which serves the next piece again. Its views point into the text.
class Tree {
 public:
  struct Node {
    TokenType type;  ///< never an end
    std::size_t offset;
    std::string_view text;
    std::size_t end;  ///< index of the first node that is not inside this one
  };

  void clear();
  void take(const Token& token);

  /// True if every object and list is closed.
  bool complete() const { return open_.empty() && !nodes_.empty(); }

  /// Closes every open object and list, as the text has broken off.
  void cut();

  bool empty() const { return nodes_.empty(); }
  const Node& operator[](std::size_t node) const { return nodes_[node]; }
  const Node& last() const { return nodes_.back(); }

  /// Path from the root to `node` (a key stands for its value), as a JSON Pointer.
  std::string pointer_to(std::size_t node) const;

 private:
  std::vector<Node> nodes_;  // a key is followed by its value
  std::vector<std::size_t> open_;
  std::deque<std::string> decoded_;  // texts that had escapes; a deque never moves them
};

}  // namespace jobs::detail
