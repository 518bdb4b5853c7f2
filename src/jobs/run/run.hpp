#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "aio/aio.hpp"
#include "jobs/counts.hpp"
#include "jobs/job.hpp"
#include "jobs/lanes/lane_host.hpp"
#include "jobs/lanes/loop_lane.hpp"
#include "jobs/lanes/pool_lane.hpp"
#include "jobs/ledger/ledger.hpp"
#include "jobs/ledger/store.hpp"
#include "jobs/output/sink.hpp"
#include "jobs/run/source.hpp"
#include "jobs/waiters.hpp"

namespace jobs {

/// How a run goes about its jobs.
struct RunOptions {
  std::optional<Executor> executor;  ///< for all jobs, whatever they say
  std::size_t max_open_jobs = 100'000;
};

/// Works jobs to their end. Every job that is accepted ends in one `result` record, or is counted
/// in `left`.
///
///   source ─▶ intake ─▶ ledger ─▶ lane ─▶ ending ─▶ ledger ─▶ store ─▶ record ─▶ sink
///                └─ chunks of lines ─▶ pool lane ── records and counts ──┘
///
/// The ledger knows every accepted job until its end, and answers each event with a change. The
/// store keeps the change, and only then is it acted on: a result told, a source answered, an
/// attempt started. Of a chunk of lines, the jobs that end within the chunk have no entry in the
/// ledger: their records and counts come in one piece.
///
/// The lines that are read ahead of the workers are bounded, and so is the number of jobs under way
/// on the loop; all producers wait for a sink that cannot keep up. So memory does not grow with a
/// list that has one job a line.
class Run final : private LaneHost {
 public:
  /// Works with all the workers of `pool`. `loop` and `sink` outlive it, and it outlives every turn
  /// of the loop. Without a store it keeps its changes in memory alone.
  Run(aio::EventLoop& loop, Sink& sink, aio::ThreadPoolExecutor pool, const RunOptions& options,
      std::unique_ptr<Store> store = std::make_unique<MemoryStore>());
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// Works the jobs of a source, and resumes when all of them have ended. Once; the source lives
  /// until it resumes. Throws the error of the source, once the jobs that were taken in have ended;
  /// the first error of a lane, the store or the sink, once the lanes have let go. Cancellation
  /// abandons the run.
  aio::Coro<void> work(Source& source);

  /// Takes in nothing more, begins nothing more, and interrupts at once the jobs that cannot end by
  /// `deadline`; the others go on.
  void stop(aio::TimePoint deadline);
  /// Interrupts the jobs that still run. `work` resumes when the pool has let go, in a few
  /// milliseconds.
  void stop_now();
  /// The same for an owner that does not await the end of `work` but closes the loop: no worker
  /// waits for a chunk that another one will not begin any more.
  void abandon() noexcept;

  /// The counts so far; `left` are the accepted jobs without a result.
  Counts counts() const { return ledger_.counts(); }
  /// Jobs under way at this moment.
  std::size_t open_jobs() const { return loop_lane_.open() + pool_lane_.busy_workers(); }
  /// Checks that are known to have begun and have not ended.
  std::size_t begun_checks() const { return loop_lane_.begun_checks() + pool_lane_.begun_checks(); }
  /// Whether a stop kept anything from being done, or would if this moment were the end.
  bool left_work() const;

 private:
  // Taking in
  aio::Coro<void> take_in_known(Source& source);
  aio::Coro<void> take_in_lines(Source& source);
  void start_tasks();
  void spawn(aio::Coro<void> lane, const std::string& name);
  aio::Coro<void> until_all_ended();
  bool is_idle() const;

  // For the lanes
  JobNumber admit(JobPointer job) override;
  void dispatch(JobNumber number, JobPointer job) override;
  void begin(JobNumber number) override { make(ledger_.begin(number)); }
  aio::Coro<void> until_committed() override;
  void put_back(JobNumber number) override { make(ledger_.put_back(number)); }
  void end(JobNumber number, Ending ending) override;
  void add_chunk(ChunkChange chunk) override;
  Sink& sink() override { return sink_; }
  void on_idle() noexcept override { ended_.wake_all(); }
  void fail(std::exception_ptr why) noexcept override;

  // Changes
  void make(Change change);
  void act_on(Change change);
  void tell(const JobChange& change);

  aio::EventLoop& loop_;
  Sink& sink_;
  RunOptions options_;
  std::unique_ptr<Store> store_;
  Ledger ledger_;
  LoopLane loop_lane_;
  PoolLane pool_lane_;

  Source* source_ = nullptr;  // while it works
  aio::Task<void> intake_;
  std::vector<aio::Task<void>> tasks_;  // of the lanes
  std::uint64_t made_ = 0;              // changes that were given to the store
  std::uint64_t committed_ = 0;         // and those of them that it keeps
  Waiters commits_;                     // waits for these
  Waiters ended_;                       // `work`, until everything has ended or something failed
  bool stopped_ = false;
  bool cut_short_ = false;      // a stop left some of the source unread
  std::exception_ptr failure_;  // of a lane or the intake; the first counts
};

}  // namespace jobs
