#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "measure.hpp"

/// What the contenders of this subject have in common: how many sleep, for how long, and what is
/// told of it.
namespace sleepers {

inline std::int64_t count(int argc, char** argv) {
  return bench::is_smoke(argc, argv) ? 1000 : 1'000'000;
}

/// Delays of 1 to 1000 ms to the nanosecond, the same row for every contender: xorshift.
class Delays {
 public:
  std::chrono::nanoseconds next() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return std::chrono::nanoseconds(1'000'000 + static_cast<std::int64_t>(state_ % 999'000'000));
  }

 private:
  std::uint64_t state_ = 88'172'645'463'325'252;
};

/// Measures processor time from its making to `tell`, and memory up to `note_memory`.
class Measure {
 public:
  /// When all sleep.
  void note_memory() { used_ = bench::resident_bytes() - memory_; }

  void tell(std::string_view contender, std::int64_t count) const {
    const double each = 1.0 / static_cast<double>(count);
    bench::print(contender, "cpu", static_cast<double>(bench::cpu_ns() - cpu_) * each);
    bench::print(contender, "bytes", static_cast<double>(used_) * each);
  }

 private:
  std::int64_t memory_ = bench::resident_bytes();
  std::int64_t used_ = 0;
  std::int64_t cpu_ = bench::cpu_ns();
};

}  // namespace sleepers
