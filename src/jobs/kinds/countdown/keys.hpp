#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "jobs/json/members.hpp"
#include "jobs/json/scope.hpp"
#include "jobs/kinds/defaults.hpp"
#include "jobs/kinds/kind_keys.hpp"

namespace jobs::detail {

/// The keys of a job that counts down.
inline constexpr std::array<std::string_view, 5> countdown_keys = {"id", "kind", "executor", "from",
                                                                   "interval"};

Countdown read_countdown(const Scope& scope, const Members& members, const Defaults& defaults);

void read_countdown_defaults(const Scope& scope, std::size_t object, Defaults& defaults);

}  // namespace jobs::detail
