#include "jobs/json/number.hpp"

#include <algorithm>
#include <string>

#include "jobs/json/characters.hpp"
#include "jobs/json/limits.hpp"
#include "jobs/json/token_fault.hpp"

namespace jobs::detail {
namespace {

/// True for a JSON number with a fraction or an exponent: `7.0`, `1e3`.
bool is_json_float(std::string_view text) {
  return !text.empty() && number_end(text, 0) == text.size() && is_digit(text.back()) &&
         text.find_first_of(".eE") != std::string_view::npos;
}

std::string not_an_integer(std::string_view text, bool bare) {
  if (is_json_float(text)) {
    return (bare ? echo_bare(text) : echo(text)) +
           " has a fraction or an exponent; expected an integer in digits only";
  }
  if (bare) return echo_bare(text) + " is not an integer; expected an integer in digits only";
  return echo(text) +
         " is not an integer; expected digits without leading zeros, or 0x and "
         "hexadecimal digits";
}

}  // namespace

std::size_t count_digits(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  return text.size();
}

std::optional<primes::Integer> read_number(const Scope& scope, std::size_t node,
                                           std::size_t max_digits) {
  const Tree::Node& value = scope[node];
  const bool bare = value.type == TokenType::number;
  if (!bare && value.type != TokenType::string) {
    scope.wrong_type(node, "an integer, bare or in quotes");
    return std::nullopt;
  }
  const std::size_t digits = count_digits(value.text);
  const bool integer = !bare || !is_json_float(value.text);
  if (integer && bare && digits > bare_digits_max) {
    scope.fault(node, bare_digits_message(digits));
    return std::nullopt;
  }
  // Before it is read: the limit bounds the cost of reading.
  if (integer && digits > max_digits) {
    scope.fault(node, "a number of " + std::to_string(digits) + " digits; expected at most " +
                          std::to_string(max_digits));
    return std::nullopt;
  }
  auto number = primes::Integer::parse(value.text);
  if (!number) scope.fault(node, not_an_integer(value.text, bare));
  return number;
}

}  // namespace jobs::detail
