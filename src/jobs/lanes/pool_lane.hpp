#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "jobs/lanes/lane_host.hpp"
#include "jobs/lanes/pool_queue.hpp"
#include "jobs/lanes/pool_share.hpp"
#include "jobs/waiters.hpp"

namespace jobs {

/// Works jobs on libuv's thread pool, with all workers of an executor: chunks of lines first, then
/// the jobs of a queue, a slice of time each. Unfinished jobs come back and wait for their turn.
///
///   feed ──┐                      ┌──▶ records, endings
///          ├──▶ worker, a slice ──┤
///   queue ─┘ ▲                    ├──▶ jobs for other lanes
///            └──── unfinished ────┘
class PoolLane {
 public:
  /// The host outlives it, and it outlives every turn of the loop.
  PoolLane(aio::EventLoop& loop, LaneHost& host, aio::ThreadPoolExecutor pool);
  PoolLane(const PoolLane&) = delete;
  PoolLane& operator=(const PoolLane&) = delete;
  ~PoolLane();

  unsigned workers() const { return pool_.max_workers(); }

  /// Adds an accepted job to the queue.
  void add(JobNumber number, JobPointer job);

  /// Tells, before the first chunk, how the lines of the list are to be read.
  void expect_chunks(const ParseOptions& parse, std::optional<Executor> executor_for_all);
  /// Resumes when another chunk may wait for a worker.
  aio::Coro<void> until_room();
  void add(Chunk chunk);
  /// Memory for the text of a chunk, to be used again.
  std::string take_text() { return share_->feed.take_text(); }
  /// Memory of records that were told, for those of the next slice.
  void give_records(std::string memory) { share_->feed.give_records(std::move(memory)); }

  /// Has one worker of the pool work; ends after `finish`. For `workers()` tasks.
  aio::Coro<void> work();
  void finish();

  /// Takes the slices that workers have delivered without telling the loop.
  void take_delivered();

  /// Begins nothing more, and interrupts jobs that cannot end by `deadline`. Returns whether chunks
  /// that were read are left.
  bool stop(aio::TimePoint deadline);
  /// Interrupts the jobs under way; workers let go within some milliseconds.
  void stop_now();
  /// Lets no worker wait for a chunk that will not come.
  void give_up_chunks();

  /// Workers that have something to do.
  std::size_t busy_workers() const { return busy_workers_; }
  /// Checks that are known to have begun and have not ended; that is known once their first slice
  /// is back.
  std::size_t begun_checks() const { return begun_in_slices_ + queue_.begun(); }
  bool has_undelivered() const { return !share_->delivered.empty(); }
  bool is_idle() const;

 private:
  /// A job that keeps a worker although it waits most of the time.
  struct Waiting {
    JobNumber number;
    std::shared_ptr<WaitingWork> work;  // shared with the worker
    std::stop_source stop;
  };

  bool has_work() const { return !queue_.empty() || !share_->feed.empty(); }
  bool has_room() const;
  StopTokens stop_tokens() const;
  aio::Coro<void> work_next(bool& had_chunk);
  aio::Coro<void> work_chunk(Chunk chunk);
  aio::Coro<void> work_queued(std::vector<Attempt> attempts);
  aio::Coro<void> work_slice(std::vector<Attempt> attempts);
  aio::Coro<void> wait_on_worker(Attempt attempt);
  void take(Slice slice);
  void tell(Slice& slice);
  void take_unfinished(std::vector<Attempt> unfinished);
  void settle_after_stop(Attempt& attempt);

  aio::EventLoop& loop_;
  LaneHost& host_;
  aio::ThreadPoolExecutor pool_;
  std::shared_ptr<PoolShare> share_;
  PoolQueue queue_;
  std::list<Waiting> waiting_;
  std::size_t busy_workers_ = 0;
  std::size_t begun_in_slices_ = 0;  // checks at a worker that had begun when they went there
  bool finished_ = false;
  bool is_stopped_ = false;
  std::stop_source never_begin_;  // stopped from the start
  std::stop_source stop_begin_;
  std::stop_source stop_all_;
  Waiters idle_workers_;
  Waiters room_;
};

}  // namespace jobs
