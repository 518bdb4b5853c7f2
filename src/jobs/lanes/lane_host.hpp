#pragma once

#include <exception>

#include "aio/aio.hpp"
#include "jobs/ledger/change.hpp"
#include "jobs/output/sink.hpp"

namespace jobs {

/// The run, as its lanes see it: they tell it of each attempt, and it keeps the accounts. On the
/// loop's thread.
class LaneHost {
 public:
  /// Accepts a job that a lane has come upon in a chunk of lines.
  virtual JobNumber admit(JobPointer job) = 0;
  /// Hands an accepted job to the lane where it is to be worked.
  virtual void dispatch(JobNumber number, JobPointer job) = 0;

  /// The next attempt at the job begins; its work may start once `until_committed` has resumed.
  virtual void begin(JobNumber number) = 0;
  /// Resumes when all that was told before is kept by the store.
  virtual aio::Coro<void> until_committed() = 0;
  /// The attempt did not take place after all.
  virtual void put_back(JobNumber number) = 0;
  virtual void end(JobNumber number, Ending ending) = 0;
  /// Jobs of a chunk were accepted and have ended.
  virtual void add_chunk(ChunkChange chunk) = 0;

  /// The place for ticks and checks, the records of a job before its end.
  virtual Sink& sink() = 0;

  /// The lane has come to have nothing to do.
  virtual void on_idle() noexcept = 0;
  /// The lane has failed: the run is to end. The first reason counts.
  virtual void fail(std::exception_ptr why) noexcept = 0;

 protected:
  ~LaneHost() = default;
};

}  // namespace jobs
