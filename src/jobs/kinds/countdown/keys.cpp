#include "jobs/kinds/countdown/keys.hpp"

#include <cstddef>
#include <cstdint>
#include <variant>

#include "jobs/json/values.hpp"

namespace jobs::detail {
namespace {

constexpr std::uint64_t from_max = 1'000'000'000;

/// Reads the keys of a job or of the defaults; a place of 0 means that the key is not there.
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

JobWork read_countdown(const Scope& scope, const Members& members, const JobWork& defaults,
                       const ParseOptions&) {
  constexpr std::size_t from = place_of_key(job_keys<countdown_keys>, "from");
  constexpr std::size_t interval = place_of_key(job_keys<countdown_keys>, "interval");
  Countdown countdown = std::get<Countdown>(defaults);
  read_ticks(scope, members[from], members[interval], countdown);
  return countdown;
}

void read_countdown_defaults(const Scope& scope, const Members& members, JobWork& defaults) {
  constexpr std::size_t from = place_of_key(default_keys<countdown_default_keys>, "from");
  constexpr std::size_t interval = place_of_key(default_keys<countdown_default_keys>, "interval");
  read_ticks(scope, members[from], members[interval], std::get<Countdown>(defaults));
}

}  // namespace jobs::detail
