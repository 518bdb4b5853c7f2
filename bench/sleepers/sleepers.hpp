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

/// Measures from its making to `tell`.
class Measure {
 public:
  void tell(std::string_view contender, std::int64_t count) const {
    const double each = 1.0 / static_cast<double>(count);
    bench::print(contender, "cpu", static_cast<double>(bench::cpu_ns() - cpu_) * each);
    bench::print(contender, "bytes",
                 static_cast<double>(bench::peak_resident_bytes() - memory_) * each);
  }

 private:
  std::int64_t memory_ = bench::peak_resident_bytes();
  std::int64_t cpu_ = bench::cpu_ns();
};

}  // namespace sleepers
