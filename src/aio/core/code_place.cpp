#include "aio/core/code_place.hpp"

#include <algorithm>

namespace aio::detail {

namespace {

void remove_all(std::string& text, std::string_view part) {
  for (std::size_t at; (at = text.find(part)) != std::string::npos;) text.erase(at, part.size());
}

void replace_all(std::string& text, std::string_view part, std::string_view by) {
  for (std::size_t at; (at = text.find(part)) != std::string::npos;) {
    text.replace(at, part.size(), by);
  }
}

bool opens(char c) { return c == '(' || c == '<' || c == '[' || c == '{'; }
bool closes(char c) { return c == ')' || c == '>' || c == ']' || c == '}'; }

/// Where the brackets that end at `end` open.
std::size_t matching_open(std::string_view text, std::size_t end) {
  int depth = 0;
  for (std::size_t i = end + 1; i-- > 0;) {
    if (closes(text[i])) ++depth;
    if (opens(text[i]) && --depth == 0) return i;
  }
  return end;
}

void remove_parameters(std::string& text) {
  if (text.ends_with(" const")) text.resize(text.size() - 6);
  if (!text.empty() && text.back() == ')') text.resize(matching_open(text, text.size() - 1));
}

/// The text before the last space that is in no brackets.
void remove_result(std::string& text) {
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (opens(text[i])) ++depth;
    if (closes(text[i])) --depth;
    if (text[i] == ' ' && depth == 0) begin = i + 1;
  }
  text.erase(0, begin);
}

/// GCC's and Clang's names for the function of a lambda.
void shorten_lambdas(std::string& text) {
  for (std::size_t at; (at = text.find("<lambda(")) != std::string::npos;) {
    const std::size_t end = text.find(")>", at);
    if (end == std::string::npos) break;
    text.replace(at, end + 2 - at, "<lambda>");
  }
  replace_all(text, "(anonymous class)", "<lambda>");
  replace_all(text, "<lambda>::operator()", "<lambda>");
}

}  // namespace

std::string short_function(std::string_view pretty) {
  std::string text(pretty.substr(0, pretty.find(" [")));
  remove_parameters(text);
  remove_result(text);
  remove_all(text, "{anonymous}::");
  remove_all(text, "(anonymous namespace)::");
  shorten_lambdas(text);
  return text;
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string short_place(const std::source_location& place) {
  return std::string(file_name(place.file_name())) + ":" + std::to_string(place.line());
}

bool is_internal(std::string_view function) { return function.starts_with("aio::detail::"); }

}  // namespace aio::detail
