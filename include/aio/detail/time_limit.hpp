#pragma once

#include <chrono>
#include <concepts>
#include <optional>

#include "aio/error.hpp"
#include "aio/time.hpp"

namespace aio::detail {

/// How long something may take, as `timeout` and its kin are told: a duration in any unit, 0, or
/// std::nullopt for as long as it likes. NaN is a ValueError.
class TimeLimit {
 public:
  TimeLimit(std::nullopt_t) {}
  template <class Rep, class Period>
  TimeLimit(std::chrono::duration<Rep, Period> delay) : delay_(to_duration(delay)) {}
  template <class Rep, class Period>
  TimeLimit(std::optional<std::chrono::duration<Rep, Period>> delay) {
    if (delay) delay_ = to_duration(*delay);
  }
  consteval TimeLimit(std::same_as<int> auto zero) : delay_(Duration::zero()) {
    if (zero != 0) throw ValueError("give the timeout its unit, such as 1s; only 0 needs none");
  }

  const std::optional<Duration>& delay() const { return delay_; }

  /// Whether the time is up before anything has begun.
  bool is_up() const { return delay_ && *delay_ <= Duration::zero(); }

 private:
  std::optional<Duration> delay_;
};

}  // namespace aio::detail
