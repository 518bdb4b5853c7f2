#pragma once

#include <optional>

#include "jobs/job.hpp"
#include "jobs/json/scope.hpp"

namespace jobs::detail {

/// What jobs take that do not say it themselves.
struct Defaults {
  Countdown countdown;
  std::optional<Executor> countdown_executor;
  primes::Algorithm method = primes::Algorithm::automatic;
  std::optional<Executor> prime_executor;
};

/// Reads the object `defaults` of a list, the root of its tree.
Defaults read_defaults(const Scope& scope);

}  // namespace jobs::detail
