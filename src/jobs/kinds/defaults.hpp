#pragma once

#include <array>
#include <optional>
#include <variant>

#include "jobs/job.hpp"
#include "jobs/json/scope.hpp"
#include "jobs/kinds/kind.hpp"

namespace jobs::detail {

/// The defaults of one kind: they hold for its jobs that do not say otherwise.
struct KindDefaults {
  JobWork work;  ///< of that kind; a job's own keys replace its members
  std::optional<Executor> executor;
};

/// The defaults of a list.
struct Defaults {
  /// In the order of the table of kinds. They begin as the initial values of each kind's struct.
  std::array<KindDefaults, std::variant_size_v<JobWork>> of_kind = plain();

 private:
  static std::array<KindDefaults, std::variant_size_v<JobWork>> plain();
};

/// Reads the object `defaults` of a list, the root of its tree.
Defaults read_defaults(const Scope& scope);

}  // namespace jobs::detail
