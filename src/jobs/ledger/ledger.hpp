#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "jobs/counts.hpp"
#include "jobs/ledger/change.hpp"

namespace jobs {

/// An event that cannot happen to a job where it is.
class RefusedEvent : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Every accepted job until it has ended: where it is, at which attempt, when it is due. No
/// other place changes a job's stage, and the end of each job passes through here once.
///
///     admitted ─┬─▶ scheduled ──due──────▶ ready ──begun──▶ running ──ended──▶ (gone, and counted)
///               ├─▶ blocked ────released──▶ ▲ ▲                │ │
///               └───────────────────────────┘ └────put_back────┘ │
///                    scheduled ◀──────────────────────retried────┘
///                    scheduled, blocked, ready ──dropped──▶ (gone, and counted)
///
/// It is pure: it is given events and times, and answers each with a change, a value, that it has
/// taken itself and that brings another ledger to the same state. It knows no file, no loop and no
/// thread. An event that a job's stage does not allow throws RefusedEvent and changes nothing.
class Ledger {
 public:
  /// Where a new job stands.
  struct Admission {
    Stage stage = Stage::ready;  ///< scheduled, blocked or ready
    aio::TimePoint due{};        ///< if scheduled
  };

  JobChange admit(JobPointer job, Admission admission);
  JobChange admit(JobPointer job) { return admit(std::move(job), Admission()); }
  JobChange fall_due(JobNumber number) { return move(number, Event::due); }
  JobChange release(JobNumber number) { return move(number, Event::released); }
  JobChange begin(JobNumber number) { return move(number, Event::begun); }
  JobChange put_back(JobNumber number) { return move(number, Event::put_back); }
  JobChange retry(JobNumber number, aio::TimePoint due) {
    return move(number, Event::retried, due);
  }
  /// The end of a job that runs.
  JobChange end(JobNumber number, Ending ending);
  /// The end of a job that does not run: cancelled, skipped or timed out.
  JobChange drop(JobNumber number, Ending ending);

  /// Counts jobs that were accepted and have ended without an entry, and lines that were rejected.
  /// Throws BrokenInvariant if the counts do not add up.
  void add(const ChunkChange& chunk);

  /// Takes a step that another ledger has taken from the same state. Throws RefusedEvent or
  /// BrokenInvariant if it does not fit.
  void install(const JobChange& change);

  /// The job, until it has ended; throws RefusedEvent afterwards.
  const JobPointer& job(JobNumber number) const { return entry_at(number).job; }
  Stage stage(JobNumber number) const { return entry_at(number).stage; }
  unsigned attempt(JobNumber number) const { return entry_at(number).attempt; }
  aio::TimePoint due(JobNumber number) const { return entry_at(number).due; }

  /// How many jobs are there now.
  std::uint64_t count(Stage stage) const { return at_stage_[static_cast<std::size_t>(stage)]; }

  /// All of the counts; `left` are the accepted jobs that have not ended. Throws BrokenInvariant if
  /// they do not add up.
  Counts counts() const;

 private:
  /// 40 bytes: a million jobs may wait.
  struct Entry {
    JobPointer job;  // null: the place is free
    aio::TimePoint due{};
    std::uint32_t attempt = 0;
    std::uint32_t generation = 1;  // of the place, so that numbers are never used again
    Stage stage = Stage::ready;
  };

  JobChange move(JobNumber number, Event event, aio::TimePoint due = {});
  JobChange end(JobNumber number, Event event, Ending ending);
  const Entry& entry_at(JobNumber number) const;
  JobNumber next_number() const;
  void enter(const JobChange& change);
  void leave(const JobChange& change, Entry& entry);

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;          // places, the last is taken next
  std::array<std::uint64_t, 5> at_stage_{};  // 0 for `ended`
  Counts counts_;                            // `left` stays 0 here
};

}  // namespace jobs
