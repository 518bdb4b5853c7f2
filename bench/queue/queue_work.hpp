#pragma once

#include <cstdint>
#include <string_view>

#include "measure.hpp"

/// What the contenders of this subject have in common: how many messages go from one task to
/// another, and what is told of it. The messages are the numbers from 1 on, so that their sum tells
/// whether all have come.
namespace queue_work {

inline std::int64_t count(int argc, char** argv) {
  return bench::is_smoke(argc, argv) ? 1000 : 1'000'000;
}

inline constexpr std::int64_t sum_of(std::int64_t count) { return count * (count + 1) / 2; }

/// Runs `work(count, capacity)`, which gives the sum of what has come, with each of the capacities;
/// whether all have come.
template <class Work>
bool tell(std::string_view contender, std::int64_t count, Work work) {
  const auto measure = [&](std::string_view figure, std::int64_t capacity) {
    work(count / 10 + 1, capacity);
    const std::int64_t start = bench::now_ns();
    const bool complete = work(count, capacity) == sum_of(count);
    const auto elapsed = static_cast<double>(bench::now_ns() - start);
    bench::print(contender, figure, elapsed / static_cast<double>(count));
    return complete;
  };
  return measure("ping_pong", 1) & measure("capacity_128", 128);
}

}  // namespace queue_work
