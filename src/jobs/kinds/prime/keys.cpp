#include "jobs/kinds/prime/keys.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jobs/json/number.hpp"
#include "jobs/json/values.hpp"

namespace jobs::detail {
namespace {

enum PrimeKey : std::size_t {
  number_key = common_keys_end,
  numbers_key,
  numbers_from_key,
  method_key
};

constexpr std::array<std::string_view, 3> sources = {"number", "numbers", "numbers_from"};

/// Reads numbers, and sees to it that the method can take them.
struct NumberReader {
  const Scope& scope;
  std::size_t max_digits;
  primes::Algorithm method;

  std::optional<primes::Integer> read(std::size_t node) const {
    auto number = read_number(scope, node, max_digits);
    const bool wide = number && !number->is_negative() && !number->to_uint64();
    if (wide && method == primes::Algorithm::trial_division) {
      scope.fault(node,
                  "the method \"trial_division\" cannot check a number of 2^64 or more; expected a "
                  "smaller one, or the method \"auto\"");
    }
    return number;
  }

  std::vector<primes::Integer> read_list(std::size_t list) const {
    std::vector<primes::Integer> numbers;
    for (std::size_t node = list + 1; node < scope[list].end; node = scope[node].end) {
      if (auto number = read(node)) numbers.push_back(*std::move(number));
    }
    return numbers;
  }
};

/// Sees to it that exactly one of the three sources is there; the place of its value, or 0.
std::size_t find_source(const Scope& scope, std::size_t object, const Members& members) {
  std::size_t first = 0;
  for (std::size_t key = number_key; key <= numbers_from_key; ++key) {
    const std::size_t value = members[key];
    if (value != 0 && (first == 0 || value < first)) first = value;
  }
  for (std::size_t key = number_key; key <= numbers_from_key; ++key) {
    const std::size_t value = members[key];
    if (value == 0 || value == first) continue;
    scope.fault(value - 1, "both " + echo(scope[first - 1].text) + " and " +
                               echo(scope[value - 1].text) +
                               " are there; expected exactly one of " + alternatives(sources));
  }
  const bool none =
      members.lacks(number_key) && members.lacks(numbers_key) && members.lacks(numbers_from_key);
  if (none) {
    scope.missing(object, "no number to check; expected exactly one of " + alternatives(sources));
  }
  return first;
}

}  // namespace

Prime read_prime(const Scope& scope, std::size_t object, const Members& members,
                 const Defaults& defaults, const ParseOptions& options) {
  Prime prime;
  prime.method = defaults.method;
  if (members[method_key] != 0) {
    const auto method = read_method(scope, members[method_key]);
    // With a method that nobody knows no number is too large for it.
    prime.method = method.value_or(primes::Algorithm::automatic);
  }
  const NumberReader reader{scope, options.max_digits, prime.method};
  const std::size_t source = find_source(scope, object, members);
  if (source == 0) return prime;
  if (source == members[number_key]) {
    if (auto number = reader.read(source)) prime.numbers = *std::move(number);
  } else if (source == members[numbers_from_key]) {
    if (auto path = read_path(scope, source)) {
      prime.numbers = NumbersFrom{options.folder / *std::move(path), options.max_digits};
    }
  } else if (scope[source].type == TokenType::begin_array) {
    prime.numbers = reader.read_list(source);
  } else {
    scope.wrong_type(source, "a list of integers");
  }
  return prime;
}

void read_prime_defaults(const Scope& scope, std::size_t object, Defaults& defaults) {
  static constexpr std::array<std::string_view, 2> keys = {"executor", "method"};
  const Members found = find_members(scope, object, keys, unknown_default<prime_keys>);
  const auto [executor, method] = std::array{found[0], found[1]};
  if (executor != 0) defaults.prime_executor = read_executor(scope, executor);
  if (method != 0) defaults.method = read_method(scope, method).value_or(defaults.method);
}

}  // namespace jobs::detail
