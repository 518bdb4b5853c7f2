#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "measure.hpp"

/// What the contenders of this subject have in common: a hundred countdowns, how long they run, how
/// late their ticks are, and who computes meanwhile.
namespace lateness {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

inline constexpr int countdowns = 100;

/// Countdown `index` has a period of 10, 20, … 1000 ms.
inline nanoseconds period(int index) { return std::chrono::milliseconds(10 * (index + 1)); }

inline nanoseconds duration(int argc, char** argv) {
  return bench::is_smoke(argc, argv) ? std::chrono::milliseconds(50) : std::chrono::seconds(3);
}

/// How late each tick was, in nanoseconds; negative if it was early.
class Ticks {
 public:
  Ticks() { lateness_.reserve(2000); }

  void add(Clock::time_point due) { lateness_.push_back((Clock::now() - due).count()); }

  void tell(std::string_view contender, const std::string& circumstances) {
    std::ranges::sort(lateness_);
    const auto at = [this](double share) {
      const auto last = static_cast<double>(lateness_.size() - 1);
      return static_cast<double>(lateness_[static_cast<std::size_t>(share * last)]) / 1000;
    };
    const auto early = std::ranges::count_if(lateness_, [](auto late) { return late < 0; });
    bench::print(contender, circumstances + "_p50", at(0.5));
    bench::print(contender, circumstances + "_p99", at(0.99));
    bench::print(contender, circumstances + "_early", static_cast<double>(early));
  }

 private:
  std::vector<std::int64_t> lateness_;
};

/// Something to compute that nobody can do without: it takes about a tenth of a millisecond.
inline void compute() {
  static std::atomic<std::uint64_t> sink;
  std::uint64_t state = 88'172'645'463'325'252;
  for (int i = 0; i < 100'000; ++i) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
  }
  sink = state;
}

/// Threads that compute, as many as there are processors, until it goes.
class Load {
 public:
  /// Each calls `begin` first.
  explicit Load(void (*begin)() = [] {}) {
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
      threads_.emplace_back([begin](const std::stop_token& stop) {
        begin();
        while (!stop.stop_requested()) compute();
      });
    }
  }

 private:
  std::vector<std::jthread> threads_;
};

/// Runs `run(duration, ticks)` on a quiet machine, and then while `MakeLoad()` computes.
template <class MakeLoad, class Run>
void tell(std::string_view contender, nanoseconds duration, MakeLoad make_load, Run run) {
  const auto measure = [&](const std::string& circumstances) {
    Ticks ticks;
    run(duration, ticks);
    ticks.tell(contender, circumstances);
  };
  measure("quiet");
  [[maybe_unused]] const auto load = make_load();  // ends with the scope
  measure("loaded");
}

/// The same with threads that know nothing of the loop.
template <class Run>
void tell(std::string_view contender, nanoseconds duration, Run run) {
  tell(
      contender, duration, [] { return std::make_unique<Load>(); }, run);
}

}  // namespace lateness
