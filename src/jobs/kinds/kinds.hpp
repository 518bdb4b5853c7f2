#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <variant>

#include "jobs/job.hpp"
#include "jobs/kinds/kind.hpp"

namespace jobs {

/// The kinds, in the order of the alternatives of `Job::work`. Another kind is a folder beside this
/// file, an alternative, and a row in kinds.cpp.
extern const std::array<Kind, std::variant_size_v<JobWork>> kinds;

/// The kind of a job.
inline const Kind& kind_of(const Job& job) { return kinds[job.work.index()]; }

namespace detail {

/// The names of the kinds, in the order of the table.
extern const std::array<std::string_view, std::variant_size_v<JobWork>> kind_names;

/// All keys that a job may have, whatever its kind, each once.
std::span<const std::string_view> keys_of_all_kinds();

}  // namespace detail
}  // namespace jobs
