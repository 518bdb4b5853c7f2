#pragma once

#include <array>
#include <string_view>

#include "jobs/json/name_table.hpp"
#include "jobs/kinds/kind.hpp"

namespace jobs::detail {

/// The own keys of a job that checks numbers.
inline constexpr std::array<std::string_view, 4> prime_keys = {"number", "numbers", "numbers_from",
                                                               "method"};
/// Those of them that may have a default.
inline constexpr std::array<std::string_view, 1> prime_default_keys = {"method"};

/// The methods by their names.
inline constexpr NameTable<primes::Algorithm, 2> methods = {
    .names = {"auto", "trial_division"},
    .values = {primes::Algorithm::automatic, primes::Algorithm::trial_division},
};

JobWork read_prime(const Scope& scope, const Members& members, const JobWork& defaults,
                   const ParseOptions& options);

void read_prime_defaults(const Scope& scope, const Members& members, JobWork& defaults);

}  // namespace jobs::detail
