#include "jobs/kinds/kinds.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "jobs/kinds/countdown/keys.hpp"
#include "jobs/kinds/countdown/schema_json.hpp"
#include "jobs/kinds/countdown/work.hpp"
#include "jobs/kinds/prime/keys.hpp"
#include "jobs/kinds/prime/schema_json.hpp"
#include "jobs/kinds/prime/work.hpp"

namespace jobs {

namespace {

template <class Work, class Base>
std::unique_ptr<Base> start(JobPointer job) {
  return std::make_unique<Work>(std::move(job));
}

}  // namespace

constexpr std::array<Kind, std::variant_size_v<JobWork>> kinds = {{
    {
        .name = "countdown",
        .place = detail::place_of_work<Countdown>(),
        .keys = detail::job_keys<detail::countdown_keys>,
        .default_keys = detail::default_keys<detail::countdown_default_keys>,
        .usual_executor = Executor::loop,
        .schema = detail::countdown_schema,
        .read = detail::read_countdown,
        .read_defaults = detail::read_countdown_defaults,
        .start_stepped = nullptr,
        .start_waiting = start<CountdownWork, WaitingWork>,
    },
    {
        .name = "prime",
        .place = detail::place_of_work<Prime>(),
        .keys = detail::job_keys<detail::prime_keys>,
        .default_keys = detail::default_keys<detail::prime_default_keys>,
        .usual_executor = Executor::thread,
        .schema = detail::prime_schema,
        .read = detail::read_prime,
        .read_defaults = detail::read_prime_defaults,
        .start_stepped = start<PrimeWork, SteppedWork>,
        .start_waiting = nullptr,
    },
}};

namespace {

consteval bool are_in_order() {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i].place != i) return false;
  }
  return true;
}
static_assert(are_in_order(), "the rows are in the order of the alternatives of Job::work");

consteval std::array<std::string_view, kinds.size()> all_names() {
  std::array<std::string_view, kinds.size()> names;
  std::ranges::transform(kinds, names.begin(), &Kind::name);
  return names;
}

/// Keys of all kinds; some kinds may share some.
struct AllKeys {
  std::array<std::string_view, kinds.size() * detail::Members::known_max> keys;
  std::size_t count = 0;
};

consteval AllKeys all_keys() {
  AllKeys all;
  for (const Kind& kind : kinds) {
    for (const std::string_view key : kind.keys.names()) {
      const auto end = all.keys.begin() + all.count;
      if (std::find(all.keys.begin(), end, key) == end) all.keys[all.count++] = key;
    }
  }
  return all;
}

constexpr AllKeys keys_of_all = all_keys();

}  // namespace

constexpr std::array<std::string_view, kinds.size()> detail::kind_names = all_names();

std::span<const std::string_view> detail::keys_of_all_kinds() {
  return std::span(keys_of_all.keys).first(keys_of_all.count);
}

}  // namespace jobs
