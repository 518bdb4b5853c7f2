#pragma once

#include <array>
#include <string_view>

#include "jobs/kinds/kind.hpp"

namespace jobs::detail {

/// A countdown's own keys.
inline constexpr std::array<std::string_view, 2> countdown_keys = {"from", "interval"};
/// Those of them that may have a default.
inline constexpr std::array<std::string_view, 2> countdown_default_keys = {"from", "interval"};

JobWork read_countdown(const Scope& scope, const Members& members, const JobWork& defaults,
                       const ParseOptions& options);

void read_countdown_defaults(const Scope& scope, const Members& members, JobWork& defaults);

}  // namespace jobs::detail
