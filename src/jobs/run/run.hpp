#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <stop_token>
#include <variant>
#include <vector>

#include "aio/aio.hpp"
#include "jobs/bulk/chunk_feed.hpp"
#include "jobs/bulk/line_reader.hpp"
#include "jobs/condition.hpp"
#include "jobs/job.hpp"
#include "jobs/kinds/countdown/run.hpp"
#include "jobs/kinds/prime/run.hpp"
#include "jobs/lanes/delivery_box.hpp"
#include "jobs/lanes/slice.hpp"
#include "jobs/output/output.hpp"

namespace jobs {

/// How a run goes about its jobs.
struct RunOptions {
  std::optional<Executor> executor;  ///< for all jobs, whatever they say
  std::size_t max_open_jobs = 100'000;
};

/// Works jobs to their end: takes them in, has each done where it belongs, writes down what comes
/// of it, and counts. Every job that is accepted ends in one `result` record, or is counted in
/// `left`.
///
///   jobs ──admit──▶ countdown tasks on the loop
///     ▲      ├────▶ the loop's own checks, one step a turn
///     │      └────▶ queue ──▶ workers, a slice of time each ──▶ output
///     │               ▲                │
///     │               └─ unfinished ───┤
///     └──── what a chunk of lines held ┘
///
/// The queue is bounded and so is the number of open jobs, so memory does not grow with the list;
/// the output makes everybody wait when its reader is slow. Workers wait for no other room, so
/// checks go on whatever the loop is full of.
class Run {
 public:
  /// Works with all the workers of `pool`. `loop` and `output` outlive it, and it outlives every
  /// turn of the loop.
  Run(aio::EventLoop& loop, Output& output, aio::ThreadPoolExecutor pool,
      const RunOptions& options);
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// Works a list that has been parsed, and resumes when all of it has ended. One of the two, once.
  aio::Coro<void> work(std::vector<Job> jobs);
  /// Works a list with one job a line while it is being read. What reading throws is thrown here,
  /// once the jobs that were taken in have ended.
  aio::Coro<void> work(LineReader& lines, const ParseOptions& parse);

  /// Takes in nothing more, begins nothing more, and interrupts at once whatever cannot end by
  /// `deadline`; the rest goes on.
  void stop(aio::TimePoint deadline);
  /// Interrupts what still runs. `work` resumes when the pool has let go, in a few milliseconds.
  void stop_now();
  /// The same for who does not see to the end of `work`, but closes the loop: no worker waits for
  /// what another one was to do, and will not.
  void abandon();

  /// The counts so far; `left` is what was accepted and has no result.
  Counts counts() const;
  /// Jobs under way at this moment.
  std::size_t open_jobs() const { return open_ + busy_workers_; }
  /// Checks that are known to have begun and have not ended; on the pool that is known once their
  /// first slice is back.
  std::size_t begun_checks() const;
  /// Whether a stop kept anything from being done, or would if this moment were the end.
  bool left_work() const;

 private:
  /// Prime jobs of a parsed list that travel together. A worker that runs out of time hands back
  /// what it did not get to, so a batch may be large without keeping the others idle.
  using Batch = std::vector<PrimeRun>;
  static constexpr std::size_t batch_jobs = 256;
  /// Chunks of lines that a worker begins at most while the ids of one wait for another worker.
  static constexpr std::size_t begun_ahead_max = 2;
  using Item = std::variant<Batch, CountdownRun>;
  struct OpenCountdown {
    CountdownRun run;
    std::function<void()> interrupt;
  };
  using OpenCountdowns = std::list<OpenCountdown>;

  // Taking in
  aio::Coro<void> take_in(std::vector<Job> jobs);
  aio::Coro<void> take_in(LineReader& lines);
  aio::Coro<void> admit_arrivals();
  bool has_room_for(const Job& job) const;
  void admit(Job job);
  aio::Coro<void> enqueue(Item item);
  bool has_room() const;
  aio::Coro<void> work_to_the_end(aio::Coro<void> intake);
  std::vector<aio::Task<void>> start_tasks();

  // On the loop
  void start_countdown(CountdownRun run);
  aio::Coro<void> count_down_on_loop(OpenCountdowns::iterator countdown);
  aio::Coro<void> check_on_loop();
  void end_countdown(OpenCountdowns::iterator countdown);

  // On the pool
  aio::Coro<void> worker();
  aio::Coro<void> work_item(Item item);
  aio::Coro<void> work_batch(Batch batch);
  Slice work_batch_on_pool(Batch batch, const StopTokens& stop);  // a worker calls
  aio::Coro<void> count_down_on_pool(CountdownRun run);
  static bool has_begun(const Item& item);
  void requeue(Batch unfinished, bool is_new);

  // Chunks of lines on the pool
  aio::Coro<void> work_lines(Lines lines);
  Slice work_lines_on_pool(Lines lines, const StopTokens& stop);  // a worker calls

  // What comes back from the pool
  bool may_deliver() const;   // a worker calls
  void deliver(Slice slice);  // and this
  void take_delivered();
  void take_slice(Slice slice);

  // Stopping
  void drop_what_has_not_begun();
  void interrupt(PrimeRun& run);
  bool is_idle() const;

  aio::EventLoop& loop_;
  Output& output_;
  RunOptions options_;
  aio::ThreadPoolExecutor pool_;
  std::optional<LineContext> lines_;
  Condition changed_;  // any of what follows

  std::deque<Job> arrivals_;             // from chunks of lines, for the loop or a thread each
  LineFeed feed_;                        // for the pool, before all else
  std::deque<Item> queue_;               // for the pool; begun work goes in at the front
  std::deque<PrimeRun> loop_checks_;     // for the loop, in turn
  std::list<OpenCountdown> countdowns_;  // on the loop and on the pool
  std::size_t open_ = 0;                 // on the loop
  std::size_t busy_workers_ = 0;
  std::size_t begun_in_slices_ = 0;        // checks at a worker that had begun when they went there
  std::atomic<bool> may_stay_ = true;      // a worker, with a chunk that follows
  std::atomic<bool> others_wait_ = false;  // for a worker, in the queue
  std::atomic<bool> is_congested_ = false;  // the output, when the loop last saw
  DeliveryBox delivered_;                   // slices on their way from a worker to the loop
  Counts counts_;
  aio::Task<void> intake_;
  LineReader* reader_ = nullptr;            // what the intake reads, if it does
  bool cut_short_ = false;                  // a stop left something of the list unread
  bool finished_ = false;                   // everything has ended: the workers may go
  std::optional<aio::TimePoint> deadline_;  // once told to stop
  std::stop_source never_begin_;            // stopped from the start
  std::stop_source stop_begin_;
  std::stop_source stop_all_;
};

}  // namespace jobs
