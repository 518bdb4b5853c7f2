#pragma once

#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>

// What the chapter's programs print, apart from what they show.

inline const auto start_time = std::chrono::steady_clock::now();

inline double seconds_since_start() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_time).count();
}

/// A tick of a countdown, in a column of its own. One call prints it all, so that ticks of several
/// threads do not mix.
inline void print_tick(char name, int n) {
  const std::string line(40, '-');
  const std::string column(static_cast<std::size_t>(1 + name - 'A'), '\t');
  std::printf("%s\n%.4f %s%c = %d\n", line.c_str(), seconds_since_start(), column.c_str(), name, n);
  std::fflush(stdout);
}

inline void print_done() { std::printf("%s\nDone.\n", std::string(40, '-').c_str()); }

inline void print_processing(std::uint64_t n) {
  std::printf("Processing %" PRIu64 "...\n", n);
  std::fflush(stdout);
}

inline void print_verdict(std::uint64_t n, bool prime) {
  std::printf("%" PRIu64 " is %sa prime number.\n", n, prime ? "" : "not ");
  std::fflush(stdout);
}

inline void print_took() { std::printf("Took %.2f seconds.\n", seconds_since_start()); }
