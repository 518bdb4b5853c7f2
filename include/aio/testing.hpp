#pragma once

#include <utility>

#include "aio/run.hpp"

namespace aio::testing {

/// Makes an EventLoop whose clock is virtual: it stands at 0 when made, stands still while anything
/// is ready or pool work is under way, and jumps to the next deadline when nothing is. A test of a
/// 24-hour wait takes no time, and its times are exact.
struct VirtualTime {};
inline constexpr VirtualTime virtual_time{};

/// `aio::run` on a loop with virtual time.
template <class... A>
auto run(A&&... main) {
  return aio::run(
      RunnerOptions().loop_factory([] { return std::make_unique<EventLoop>(virtual_time); }),
      std::forward<A>(main)...);
}

}  // namespace aio::testing
