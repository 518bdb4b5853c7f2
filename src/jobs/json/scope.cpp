#include "jobs/json/scope.hpp"

#include <utility>

namespace jobs::detail {

void Scope::fault(std::size_t node, std::string message) const {
  const std::size_t offset = tree[node].offset;
  if (!faults.wants(offset)) {  // finding the pointer of one of many takes a while
    faults.add_unwanted();
    return;
  }
  std::string pointer(base);
  if (index) append_token(pointer, std::to_string(*index));
  pointer += tree.pointer_to(node);
  faults.add({offset, std::move(pointer), std::move(message)});
}

void Scope::missing(std::size_t node, std::string message) const {
  if (!cut) fault(node, std::move(message));
}

void Scope::wrong_type(std::size_t node, std::string_view expected) const {
  fault(node,
        "found " + std::string(noun(tree[node].type)) + "; expected " + std::string(expected));
}

std::string_view noun(TokenType type) {
  switch (type) {
    case TokenType::begin_object:
    case TokenType::end_object: return "an object";
    case TokenType::begin_array:
    case TokenType::end_array: return "a list";
    case TokenType::key:
    case TokenType::string: return "a string";
    case TokenType::number: return "a number";
    case TokenType::boolean: return "a boolean";
    case TokenType::null: break;
  }
  return "null";
}

}  // namespace jobs::detail
