#include "jobs/kinds/countdown/keys.hpp"

#include <cstdint>
#include <string>

#include "jobs/json/values.hpp"

namespace jobs::detail {
namespace {

enum CountdownKey : std::size_t { from_key = common_keys_end, interval_key };

constexpr std::uint64_t from_max = 1'000'000'000;

/// What may stand in a job and in the defaults alike.
void read_ticks(const Scope& scope, std::size_t from, std::size_t interval, Countdown& countdown) {
  if (from != 0) {
    const auto count = read_count(scope, from, 0, from_max);
    if (count) countdown.from = static_cast<std::uint32_t>(*count);
  }
  if (interval != 0) {
    const auto duration = read_duration(scope, interval);
    if (duration) countdown.interval = *duration;
  }
}

}  // namespace

Countdown read_countdown(const Scope& scope, const Members& members, const Defaults& defaults) {
  Countdown countdown = defaults.countdown;
  read_ticks(scope, members[from_key], members[interval_key], countdown);
  return countdown;
}

void read_countdown_defaults(const Scope& scope, std::size_t object, Defaults& defaults) {
  static constexpr std::array<std::string_view, 3> keys = {"executor", "from", "interval"};
  const Members found = find_members(scope, object, keys, unknown_default<countdown_keys>);
  const auto [executor, from, interval] = std::array{found[0], found[1], found[2]};
  if (executor != 0) defaults.countdown_executor = read_executor(scope, executor);
  read_ticks(scope, from, interval, defaults.countdown);
}

}  // namespace jobs::detail
