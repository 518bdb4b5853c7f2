#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aio/aio.hpp"
#include "jobs/run/run.hpp"

namespace primed {

/// One line on the terminal that tells how far a run is, and how fast.
struct ProgressLine {
  std::uint64_t done = 0;
  std::optional<std::uint64_t> all;  ///< unknown while the list is still being read
  aio::Duration elapsed{};

  /// `3 of 6 done, 2.1/s, 1 s left`, as far as it is known.
  std::string to_string() const;
};

/// Shows on standard error how far a run is, if that is a terminal and it is wanted; nothing
/// otherwise. The line is taken away before anything else is printed there, and at the end.
class Progress {
 public:
  /// `all` jobs are known to be there; empty if they come as they are read.
  Progress(const jobs::Run& run, std::optional<std::uint64_t> all, bool wanted);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  /// Updates the line now and then, until it is cancelled.
  aio::Coro<void> show();

  /// Takes the line away; the next update brings it back.
  void clear();

 private:
  const jobs::Run& run_;
  std::optional<std::uint64_t> all_;
  aio::TimePoint start_ = aio::Clock::now();
  bool active_;
  bool shown_ = false;
};

}  // namespace primed
