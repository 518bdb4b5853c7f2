#pragma once

#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string_view>

/// What the programs of the benchmark have in common: clocks, memory, and how a figure is told.
namespace bench {

inline std::int64_t read_clock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// Nanoseconds on a clock that only goes forward.
inline std::int64_t now_ns() { return read_clock(CLOCK_MONOTONIC); }

/// Nanoseconds of processor time that all threads of the process have used.
inline std::int64_t cpu_ns() { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

/// Bytes of the process that are in memory now.
inline std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t pages_in_all = 0;
  std::int64_t pages_resident = 0;
  statm >> pages_in_all >> pages_resident;
  return pages_resident * 4096;
}

/// Whether only a tiny amount of work is to be done, to see that the program works.
inline bool is_smoke(int argc, char** argv) {
  return argc > 1 && std::strcmp(argv[1], "--smoke") == 0;
}

/// Tells one figure, in the unit that subject.json gives it.
inline void print(std::string_view contender, std::string_view figure, double value) {
  std::printf("%.*s %.*s %.6g\n", static_cast<int>(contender.size()), contender.data(),
              static_cast<int>(figure.size()), figure.data(), value);
  std::fflush(stdout);
}

}  // namespace bench
