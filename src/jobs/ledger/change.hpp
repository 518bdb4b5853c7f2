#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "aio/time.hpp"
#include "jobs/counts.hpp"
#include "jobs/ending.hpp"
#include "jobs/kinds/work.hpp"

namespace jobs {

/// The number of an accepted job in a ledger. No two jobs of a ledger ever have the same.
enum class JobNumber : std::uint64_t { none = 0 };

/// Where an accepted job is before its end, and `ended` after it.
enum class Stage {
  scheduled,  ///< due later, or waiting for its next attempt
  blocked,    ///< waiting for other jobs
  ready,      ///< waiting for a lane
  running,    ///< at a lane
  ended,
};

/// An event in the life of an accepted job. Each has its places in the ledger's table of
/// transitions.
enum class Event {
  admitted,  ///< accepted: scheduled, blocked or ready
  due,       ///< scheduled → ready: its time has come
  released,  ///< blocked → ready: the jobs that it waited for have ended
  begun,     ///< ready → running: its next attempt begins
  put_back,  ///< running → ready: the attempt did not take place after all
  retried,   ///< running → scheduled: the attempt failed, and another is due later
  ended,     ///< running → ended: with the ending of the attempt
  dropped,   ///< scheduled, blocked, ready → ended: without an attempt
};

std::string_view to_string(Stage stage);
std::string_view to_string(Event event);

/// One step in the life of one job, as a value: enough to take the same step in another ledger.
struct JobChange {
  Event event = Event::admitted;
  JobNumber number = JobNumber::none;
  Stage stage = Stage::ready;      ///< afterwards
  unsigned attempt = 0;            ///< attempts begun by then
  aio::TimePoint due{};            ///< of a job that is scheduled
  JobPointer job{};                ///< on admission, and at the end
  std::optional<Ending> ending{};  ///< at the end
};

/// The outcome of a chunk of lines, as far as its jobs have no entry in the ledger: they were
/// accepted and ended in one go, on the pool.
struct ChunkChange {
  Counts counts;        ///< `accepted` is the sum of the states; with the lines that were rejected
  std::string records;  ///< whole lines
};

/// The unit that a store keeps; it is acted on once it is kept.
using Change = std::variant<JobChange, ChunkChange>;

}  // namespace jobs
