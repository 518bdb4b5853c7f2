#include "jobs/json/tree.hpp"

#include "jobs/json/fault.hpp"

namespace jobs::detail {
namespace {

// More than any ordinary job needs: the memory of a job with a long list of numbers is given back.
constexpr std::size_t nodes_kept_max = 4096;

}  // namespace

void Tree::clear() {
  if (nodes_.capacity() > nodes_kept_max) nodes_ = {};
  nodes_.clear();
  open_.clear();
  if (!decoded_.empty()) decoded_ = {};
}

void Tree::take(const Token& token) {
  if (token.type == TokenType::end_object || token.type == TokenType::end_array) {
    nodes_[open_.back()].end = nodes_.size();
    open_.pop_back();
    return;
  }
  if (token.type == TokenType::begin_object || token.type == TokenType::begin_array) {
    open_.push_back(nodes_.size());
  }
  const std::string_view text =
      token.passing ? std::string_view(decoded_.emplace_back(token.text)) : token.text;
  nodes_.push_back({token.type, token.offset, text, nodes_.size() + 1});
}

void Tree::cut() {
  if (!nodes_.empty() && nodes_.back().type == TokenType::key) nodes_.pop_back();
  for (const std::size_t node : open_) nodes_[node].end = nodes_.size();
  open_.clear();
}

std::string Tree::pointer_to(std::size_t node) const {
  std::string pointer;
  std::size_t at = 0;
  while (at != node) {
    const bool array = nodes_[at].type == TokenType::begin_array;
    std::size_t index = 0;
    std::size_t child = at + 1;
    while (true) {
      const std::size_t value = array ? child : child + 1;
      if (node < nodes_[value].end) {
        append_token(pointer, array ? std::to_string(index) : nodes_[child].text);
        if (node == child) return pointer;
        at = value;
        break;
      }
      child = nodes_[value].end;
      ++index;
    }
  }
  return pointer;
}

}  // namespace jobs::detail
