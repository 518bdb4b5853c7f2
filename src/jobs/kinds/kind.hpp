#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>
#include <variant>

#include "jobs/job.hpp"
#include "jobs/json/members.hpp"
#include "jobs/json/scope.hpp"
#include "jobs/kinds/parse_options.hpp"
#include "jobs/kinds/work.hpp"

namespace jobs {

/// The work of a job: one alternative for each kind.
using JobWork = decltype(Job::work);

/// A kind of jobs: a row in the table of kinds. All of it is constant; the functions may be called
/// by any thread.
struct Kind {
  /// The name in lists and records.
  std::string_view name;

  /// The place of its alternative in `Job::work`, and of its row in the table.
  std::size_t place;

  /// The keys of a job: `common_job_keys`, then its own.
  detail::KnownKeys keys;

  /// The keys of the kind's defaults: `common_default_keys`, then its own.
  detail::KnownKeys default_keys;

  /// Where the work is done unless the job, its defaults or a setting say otherwise.
  Executor usual_executor;

  /// The kind's part of the JSON Schema: a JSON object with the members
  /// - `summary`, half a sentence for people,
  /// - `definitions` that only this kind refers to,
  /// - `job` and `defaults`: its own properties in a job and in its defaults, and other rules.
  std::string_view schema;

  /// Reads the work of the job that is the root of the scope's tree. `members` are the job's, by
  /// `keys`; `defaults` are of this kind. After a fault the answer is incomplete.
  JobWork (*read)(const detail::Scope& scope, const detail::Members& members,
                  const JobWork& defaults, const ParseOptions& options);

  /// Reads the kind's own defaults into `defaults`, which are of this kind. `members` are by
  /// `default_keys`.
  void (*read_defaults)(const detail::Scope& scope, const detail::Members& members,
                        JobWork& defaults);

  /// Make an attempt at a job of the kind, which has not started: one of the two is there. Work
  /// that computes is advanced in steps; all other work waits most of the time.
  std::unique_ptr<SteppedWork> (*start_stepped)(JobPointer job);
  std::unique_ptr<WaitingWork> (*start_waiting)(JobPointer job);
};

namespace detail {

/// The keys that jobs of all kinds have, in front of the kind's own.
inline constexpr std::array<std::string_view, 3> common_job_keys = {"id", "kind", "executor"};
inline constexpr std::size_t id_key = place_of_key(common_job_keys, "id");
inline constexpr std::size_t kind_key = place_of_key(common_job_keys, "kind");
inline constexpr std::size_t executor_key = place_of_key(common_job_keys, "executor");

/// The keys that the defaults of all kinds have, in front of the kind's own.
inline constexpr std::array<std::string_view, 1> common_default_keys = {"executor"};
inline constexpr std::size_t default_executor_key = place_of_key(common_default_keys, "executor");

template <std::size_t first, std::size_t second>
consteval std::array<std::string_view, first + second> joined_keys(
    const std::array<std::string_view, first>& a, const std::array<std::string_view, second>& b) {
  std::array<std::string_view, first + second> keys;
  for (std::size_t i = 0; i < first; ++i) keys[i] = a[i];
  for (std::size_t i = 0; i < second; ++i) keys[first + i] = b[i];
  return keys;
}

/// The keys of a job, and of its defaults, whose kind has `own` keys beside the common ones.
template <const auto& own>
inline constexpr auto job_keys = joined_keys(common_job_keys, own);
template <const auto& own>
inline constexpr auto default_keys = joined_keys(common_default_keys, own);

/// The place of `Alternative` in `Job::work`. Another type does not compile.
template <class Alternative>
consteval std::size_t place_of_work() {
  return []<class... Each>(std::type_identity<std::variant<Each...>>) {
    static_assert((std::is_same_v<Alternative, Each> || ...));
    const std::array<bool, sizeof...(Each)> same = {std::is_same_v<Alternative, Each>...};
    std::size_t place = 0;
    while (!same.at(place)) ++place;
    return place;
  }(std::type_identity<JobWork>{});
}

}  // namespace detail
}  // namespace jobs
