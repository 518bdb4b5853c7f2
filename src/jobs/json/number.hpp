#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "jobs/json/scope.hpp"
#include "primes/integer.hpp"

namespace jobs::detail {

/// The count of a written number's digits, without a sign and a 0x.
std::size_t count_digits(std::string_view text);

/// Reads the integer at `node`, bare or in quotes, exactly. Another value is a fault, and the
/// answer is empty. `max_digits` holds for both notations, as a limit on work must not depend on
/// quotes; bare integers also have `bare_digits_max`.
std::optional<primes::Integer> read_number(const Scope& scope, std::size_t node,
                                           std::size_t max_digits);

}  // namespace jobs::detail
