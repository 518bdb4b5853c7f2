#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "primes/check.hpp"
#include "primes/integer.hpp"

namespace jobs {

using Duration = std::chrono::nanoseconds;

/// Where a job's work is done: cooperatively on the event loop, or on libuv's thread pool.
enum class Executor { loop, thread };

/// Ticks `from` times, once an interval.
struct Countdown {
  std::uint32_t from = 3;
  Duration interval = std::chrono::seconds(1);
};

/// The numbers of a file, one a line.
struct NumbersFrom {
  std::filesystem::path file;
  std::size_t max_digits = 20'000;  ///< longest number that it may hold
};

/// Checks one number, or a list of them, or all that stand in a file.
struct Prime {
  std::variant<primes::Integer, std::vector<primes::Integer>, NumbersFrom> numbers;
  primes::Algorithm method = primes::Algorithm::automatic;
};

/// One job of a list, valid in itself. A job without an executor of its own takes its kind's.
struct Job {
  std::string id;
  std::optional<Executor> executor;
  std::variant<Countdown, Prime> work;
};

/// A job as long lists have them by the million: to see on the pool whether one number below 2^64
/// is prime, by the automatic method. It points into the text that it was read from.
struct PlainJob {
  std::string_view id;  ///< that it names itself; else it is called by its position
  std::uint64_t number = 0;
  std::uint64_t line = 0;
  std::uint64_t position = 0;
};

/// The settings of a list. Each is optional; a flag or the environment goes before it.
struct Settings {
  std::optional<unsigned> workers;           ///< pool workers, 1 to 64
  std::optional<Duration> grace;             ///< how long running work may go on after a signal
  std::optional<Executor> executor;          ///< overrides every job's
  std::optional<std::size_t> max_open_jobs;  ///< jobs under way at once, 1 to 10^9
  std::optional<std::size_t> max_digits;     ///< longest number accepted, 1 to 20 000
  std::optional<std::string> results;        ///< file for the records instead of standard output
};

/// A whole list, parsed.
struct JobList {
  Settings settings;
  std::vector<Job> jobs;
};

}  // namespace jobs
