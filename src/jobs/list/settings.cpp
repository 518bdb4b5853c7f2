#include "jobs/list/settings.hpp"

#include <array>
#include <string_view>

#include "jobs/json/members.hpp"
#include "jobs/json/values.hpp"
#include "jobs/list/parse.hpp"

namespace jobs::detail {
namespace {

constexpr std::array<std::string_view, 6> settings_keys = {
    "workers", "grace", "executor", "max_open_jobs", "max_digits", "results"};
enum SettingsKey : std::size_t { workers, grace, executor, max_open_jobs, max_digits, results };

constexpr std::uint64_t workers_max = 64;
constexpr std::uint64_t open_jobs_max = 1'000'000'000;

}  // namespace

Settings read_settings(const Scope& scope) {
  const Members found = find_members(scope, 0, settings_keys);
  Settings settings;
  if (found[workers] != 0) {
    const auto count = read_count(scope, found[workers], 1, workers_max);
    if (count) settings.workers = static_cast<unsigned>(*count);
  }
  if (found[grace] != 0) settings.grace = read_duration(scope, found[grace]);
  if (found[executor] != 0) settings.executor = read_executor(scope, found[executor]);
  if (found[max_open_jobs] != 0) {
    settings.max_open_jobs = read_count(scope, found[max_open_jobs], 1, open_jobs_max);
  }
  if (found[max_digits] != 0) {
    settings.max_digits = read_count(scope, found[max_digits], 1, quoted_digits_max);
  }
  if (found[results] != 0) settings.results = read_path(scope, found[results]);
  return settings;
}

}  // namespace jobs::detail
