#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "jobs/json/members.hpp"
#include "jobs/json/scope.hpp"
#include "jobs/kinds/defaults.hpp"
#include "jobs/kinds/kind_keys.hpp"
#include "jobs/list/parse.hpp"

namespace jobs::detail {

/// The keys of a job that checks numbers.
inline constexpr std::array<std::string_view, 7> prime_keys = {
    "id", "kind", "executor", "number", "numbers", "numbers_from", "method"};

/// Reads the members of `object`.
Prime read_prime(const Scope& scope, std::size_t object, const Members& members,
                 const Defaults& defaults, const ParseOptions& options);

void read_prime_defaults(const Scope& scope, std::size_t object, Defaults& defaults);

}  // namespace jobs::detail
