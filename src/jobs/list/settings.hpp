#pragma once

#include "jobs/job.hpp"
#include "jobs/json/scope.hpp"

namespace jobs::detail {

/// Reads the object `settings` of a list, the root of its tree.
Settings read_settings(const Scope& scope);

}  // namespace jobs::detail
