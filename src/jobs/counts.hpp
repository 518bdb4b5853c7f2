#pragma once

#include <cstdint>

#include "jobs/ending.hpp"

namespace jobs {

/// How many jobs took each way. `accepted` is the sum of the states and `left`.
struct Counts {
  std::uint64_t accepted = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t interrupted = 0;
  std::uint64_t skipped = 0;
  std::uint64_t left = 0;
  std::uint64_t rejected = 0;

  /// Counts one job that ended so.
  void add(State state);
  /// The jobs that have ended, in whatever state.
  std::uint64_t ended() const {
    return succeeded + failed + timed_out + cancelled + interrupted + skipped;
  }
  Counts& operator+=(const Counts& other);
  friend bool operator==(const Counts&, const Counts&) = default;
};

}  // namespace jobs
