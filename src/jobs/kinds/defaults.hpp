#pragma once

#include <array>
#include <optional>
#include <variant>

#include "jobs/job.hpp"
#include "jobs/json/scope.hpp"
#include "jobs/kinds/kind.hpp"

namespace jobs::detail {

/// What a job of one kind has that does not say it itself.
struct KindDefaults {
  JobWork work;  ///< of that kind; a job's own keys replace its members
  std::optional<Executor> executor;
};

/// The defaults of a list.
struct Defaults {
  /// The defaults of each kind, in the order of the table. Without a list that says otherwise they
  /// are those of the kind's plain struct.
  std::array<KindDefaults, std::variant_size_v<JobWork>> of_kind = plain();

 private:
  static std::array<KindDefaults, std::variant_size_v<JobWork>> plain();
};

/// Reads the object `defaults` of a list, the root of its tree.
Defaults read_defaults(const Scope& scope);

}  // namespace jobs::detail
