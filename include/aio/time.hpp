#pragma once

#include <chrono>
#include <cmath>
#include <type_traits>

#include "aio/error.hpp"

namespace aio {

/// Time as the loop counts it: nanoseconds that never go back, on the monotonic clock.
using Clock = std::chrono::steady_clock;
using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<Clock, Duration>;

/// Any chrono duration in nanoseconds, rounded up, so that a wait is never short; what does not fit
/// becomes the longest that does. Throws ValueError for NaN.
template <class Rep, class Period>
constexpr Duration to_duration(std::chrono::duration<Rep, Period> value) {
  using Seconds = std::chrono::duration<long double>;
  if constexpr (std::is_floating_point_v<Rep>) {
    if (std::isnan(value.count())) throw ValueError("Invalid delay: NaN (not a number)");
  }
  if (Seconds(value) >= Seconds(Duration::max())) return Duration::max();
  if (Seconds(value) <= Seconds(Duration::min())) return Duration::min();
  return std::chrono::ceil<Duration>(value);
}

constexpr Duration to_duration(Duration value) { return value; }

/// `start + delay`, held at the ends of what a time point can say instead of wrapping around.
constexpr TimePoint saturating_add(TimePoint start, Duration delay) {
  Duration::rep count = 0;
  if (__builtin_add_overflow(start.time_since_epoch().count(), delay.count(), &count)) {
    return delay.count() < 0 ? TimePoint::min() : TimePoint::max();
  }
  return TimePoint(Duration(count));
}

}  // namespace aio
