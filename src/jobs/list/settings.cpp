#include "jobs/list/settings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "jobs/available_cpus.hpp"
#include "jobs/json/limits.hpp"
#include "jobs/json/members.hpp"
#include "jobs/json/values.hpp"
#include "jobs/kinds/executor_names.hpp"

namespace jobs::detail {
namespace {

constexpr std::uint64_t open_jobs_max = 1'000'000'000;

void read_workers(const Scope& scope, std::size_t node, Settings& settings) {
  const auto count = read_count(scope, node, 1, workers_max);
  if (count) settings.workers = static_cast<unsigned>(*count);
}
void read_grace(const Scope& scope, std::size_t node, Settings& settings) {
  settings.grace = read_duration(scope, node);
}
void read_executor_for_all(const Scope& scope, std::size_t node, Settings& settings) {
  settings.executor = read_executor(scope, node);
}
void read_max_open_jobs(const Scope& scope, std::size_t node, Settings& settings) {
  settings.max_open_jobs = read_count(scope, node, 1, open_jobs_max);
}
void read_max_digits(const Scope& scope, std::size_t node, Settings& settings) {
  settings.max_digits = read_count(scope, node, 1, quoted_digits_max);
}
void read_results(const Scope& scope, std::size_t node, Settings& settings) {
  settings.results = read_path(scope, node);
}

struct Setting {
  std::string_view key;
  void (*read)(const Scope& scope, std::size_t node, Settings& settings);
};

constexpr std::array<Setting, 6> all_settings = {{
    {"workers", read_workers},
    {"grace", read_grace},
    {"executor", read_executor_for_all},
    {"max_open_jobs", read_max_open_jobs},
    {"max_digits", read_max_digits},
    {"results", read_results},
}};

consteval auto keys_of_settings() {
  std::array<std::string_view, all_settings.size()> keys;
  std::ranges::transform(all_settings, keys.begin(), &Setting::key);
  return keys;
}

constexpr std::array settings_keys = keys_of_settings();

}  // namespace

Settings read_settings(const Scope& scope) {
  const Members found = find_members(scope, 0, settings_keys);
  Settings settings;
  for (std::size_t i = 0; i < all_settings.size(); ++i) {
    if (found[i] != 0) all_settings[i].read(scope, found[i], settings);
  }
  return settings;
}

}  // namespace jobs::detail
