#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aio/aio.hpp"
#include "jobs/run/run.hpp"
#include "primed/messages.hpp"

namespace primed {

/// One line on the terminal that tells how far a run is, and how fast.
struct ProgressLine {
  std::uint64_t done = 0;
  std::optional<std::uint64_t> all;  ///< unknown while the list is still being read
  aio::Duration elapsed{};

  /// `3 of 6 done, 2.1/s, 1 s left`, as far as it is known.
  std::string to_string() const;
};

/// Whether standard error is a terminal on which a line can be replaced.
bool can_show_progress();

/// Shows in the status line of `messages` how far `run` is, a few times a second, until it is
/// cancelled, which takes the line away. `all` jobs are known to be there; empty if they come as
/// they are read. Both references have to outlive the task.
aio::Coro<void> show_progress(Messages& messages, const jobs::Run& run,
                              std::optional<std::uint64_t> all);

}  // namespace primed
