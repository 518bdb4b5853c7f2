#include "jobs/kinds/prime/keys.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "jobs/json/number.hpp"
#include "jobs/json/values.hpp"

namespace jobs::detail {
namespace {

constexpr std::size_t number_key = place_of_key(job_keys<prime_keys>, "number");
constexpr std::size_t numbers_key = place_of_key(job_keys<prime_keys>, "numbers");
constexpr std::size_t numbers_from_key = place_of_key(job_keys<prime_keys>, "numbers_from");
constexpr std::size_t method_key = place_of_key(job_keys<prime_keys>, "method");

/// The keys that say which numbers, of which a job has exactly one, and their places.
constexpr std::array<std::string_view, 3> sources = {"number", "numbers", "numbers_from"};
constexpr std::array<std::size_t, 3> source_keys = {number_key, numbers_key, numbers_from_key};

/// Reads numbers. One that the method cannot take is a fault.
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

/// The node of the value that says which numbers, or 0. None of the three keys, or more than one of
/// them, is a fault.
std::size_t find_source(const Scope& scope, const Members& members) {
  std::size_t first = 0;
  for (const std::size_t key : source_keys) {
    const std::size_t value = members[key];
    if (value != 0 && (first == 0 || value < first)) first = value;
  }
  for (const std::size_t key : source_keys) {
    const std::size_t value = members[key];
    if (value == 0 || value == first) continue;
    scope.fault(value - 1, "both " + echo(scope[first - 1].text) + " and " +
                               echo(scope[value - 1].text) +
                               " are there; expected exactly one of " + alternatives(sources));
  }
  const auto lacks = [&](std::size_t key) { return members.lacks(key); };
  if (std::ranges::all_of(source_keys, lacks)) {
    scope.missing(0, "no number to check; expected exactly one of " + alternatives(sources));
  }
  return first;
}

/// Reads the name of a method at `node`. Another value is a fault, and the answer is empty.
std::optional<primes::Algorithm> read_method(const Scope& scope, std::size_t node) {
  return read_named(scope, node, "method", methods);
}

}  // namespace

JobWork read_prime(const Scope& scope, const Members& members, const JobWork& defaults,
                   const ParseOptions& options) {
  Prime prime;
  prime.method = std::get<Prime>(defaults).method;
  if (members[method_key] != 0) {
    const auto method = read_method(scope, members[method_key]);
    // An unknown method shall not make a second fault of a large number.
    prime.method = method.value_or(primes::Algorithm::automatic);
  }
  const NumberReader reader{scope, options.max_digits, prime.method};
  const std::size_t source = find_source(scope, members);
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

void read_prime_defaults(const Scope& scope, const Members& members, JobWork& defaults) {
  constexpr std::size_t method_place = place_of_key(default_keys<prime_default_keys>, "method");
  if (members[method_place] == 0) return;
  const auto method = read_method(scope, members[method_place]);
  if (method) std::get<Prime>(defaults).method = *method;
}

}  // namespace jobs::detail
