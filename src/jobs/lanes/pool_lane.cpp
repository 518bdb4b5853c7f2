#include "jobs/lanes/pool_lane.hpp"

#include <exception>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "jobs/kinds/start.hpp"

namespace jobs {

namespace {

/// Chunks, and as many jobs as travel together, that may wait for each worker.
constexpr std::size_t queued_per_worker = 4;

/// Chunks that the loop has at hand, beside those of the workers.
constexpr std::size_t kept_for_loop = 4;

void work_blocking(const std::shared_ptr<WaitingWork>& work, aio::EventLoop& loop, Sink& sink,
                   const std::stop_token& stop) {
  work->work_blocking(loop, sink, stop);
}

/// Counts something for as long as it lives.
class Counted {
 public:
  Counted(std::size_t& count, std::size_t by) : count_(count), by_(by) { count_ += by_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { count_ -= by_; }

 private:
  std::size_t& count_;
  std::size_t by_;
};

}  // namespace

PoolLane::PoolLane(aio::EventLoop& loop, LaneHost& host, aio::ThreadPoolExecutor pool)
    : loop_(loop), host_(host), pool_(std::move(pool)) {
  const std::size_t chunks = queued_per_worker + 1 + PoolShare::begun_ahead_max;
  share_ = std::make_shared<PoolShare>(loop, workers() * chunks + kept_for_loop);
  share_->on_delivery = [this] {
    try {
      take_delivered();
    } catch (...) {
      host_.fail(std::current_exception());
    }
  };
  never_begin_.request_stop();
}

PoolLane::~PoolLane() { share_->on_delivery = nullptr; }

// --- Taking in

void PoolLane::add(JobNumber number, JobPointer job) {
  queue_.add(Attempt(number, std::move(job)));
  share_->others_wait = true;
  idle_workers_.wake(1);
}

void PoolLane::expect_chunks(const ParseOptions& parse, std::optional<Executor> executor_for_all) {
  share_->chunks.emplace(parse, executor_for_all);
  share_->chunks->sort_out_plain = true;
}

void PoolLane::add(Chunk chunk) {
  share_->feed.push(std::move(chunk));
  idle_workers_.wake(1);  // a busy one looks by itself
}

aio::Coro<void> PoolLane::until_room() {
  return room_.until([this] { return has_room(); });
}

bool PoolLane::has_room() const {
  const std::size_t queued =
      (queue_.size() + PoolQueue::together_max - 1) / PoolQueue::together_max;
  return queued + share_->feed.size() < workers() * queued_per_worker;
}

// --- Working

aio::Coro<void> PoolLane::work() {
  bool had_chunk = false;
  for (;;) {
    co_await idle_workers_.until([this] { return finished_ || has_work(); });
    if (finished_) co_return;
    if (host_.sink().is_congested()) co_await host_.sink().ready();
    co_await work_next(had_chunk);
    if (has_room()) room_.wake_all();
    if (is_idle()) host_.on_idle();
  }
}

/// Chunks go before the queue, so that their jobs for the loop start, and their faults are
/// told, however long the checks before them take. A check that has begun comes
/// after each chunk all the same: lines may arrive without end.
aio::Coro<void> PoolLane::work_next(bool& had_chunk) {
  const bool begun_first = had_chunk && queue_.begun() > 0;
  std::optional<Chunk> chunk;
  if (!begun_first) chunk = share_->feed.pop();
  had_chunk = chunk.has_value();
  if (!chunk && queue_.empty()) co_return;  // stopped meanwhile, or another worker was faster
  const Counted busy(busy_workers_, 1);
  if (chunk) {
    if (has_room()) room_.wake_all();
    if (has_work()) idle_workers_.wake(1);
    co_await work_chunk(*std::move(chunk));
  } else {
    std::vector<Attempt> attempts = queue_.take();
    if (has_room()) room_.wake_all();
    if (has_work()) idle_workers_.wake(1);
    co_await work_queued(std::move(attempts));
  }
}

StopTokens PoolLane::stop_tokens() const {
  return {stop_begin_.get_token(), stop_all_.get_token(), stop_begin_.get_token()};
}

aio::Coro<void> PoolLane::work_chunk(Chunk chunk) {
  StopTokens stop = stop_tokens();
  const bool begun_work_waits = queue_.begun() > 0;
  if (begun_work_waits) stop.begin = never_begin_.get_token();
  share_->may_stay = !begun_work_waits;
  share_->others_wait = !queue_.empty();
  share_->is_congested = host_.sink().is_congested();
  auto future = loop_.run_in_executor(pool_, work_chunks, share_, std::move(chunk), stop);
  Slice slice = co_await std::move(future);
  take_delivered();  // it comes before the rest
  take(std::move(slice));
}

aio::Coro<void> PoolLane::work_queued(std::vector<Attempt> attempts) {
  if (is_stepped(*attempts.front().job)) return work_slice(std::move(attempts));
  return wait_on_worker(std::move(attempts.front()));
}

aio::Coro<void> PoolLane::work_slice(std::vector<Attempt> attempts) {
  const Counted begun(begun_in_slices_, attempts.front().has_begun() ? 1 : 0);
  for (const Attempt& attempt : attempts) {
    if (!attempt.has_begun()) host_.begin(attempt.number);
  }
  co_await host_.until_committed();
  share_->is_congested = host_.sink().is_congested();
  auto future =
      loop_.run_in_executor(pool_, work_attempts, share_, std::move(attempts), stop_tokens());
  Slice slice = co_await std::move(future);
  take_delivered();
  take(std::move(slice));
}

aio::Coro<void> PoolLane::wait_on_worker(Attempt attempt) {
  host_.begin(attempt.number);
  co_await host_.until_committed();
  if (is_stopped_) {
    host_.put_back(attempt.number);
    co_return;
  }
  std::shared_ptr<WaitingWork> work = start_waiting(attempt.job);
  work->start(loop_.time());
  const auto place = waiting_.insert(waiting_.end(), {attempt.number, work, std::stop_source()});
  auto future = loop_.run_in_executor(pool_, work_blocking, work, std::ref(loop_),
                                      std::ref(host_.sink()), place->stop.get_token());
  co_await std::move(future);
  waiting_.erase(place);
  host_.end(attempt.number, work->ending(loop_.time()));
}

// --- Taking slices back

void PoolLane::take_delivered() {
  for (Slice& slice : share_->delivered.take_all()) take(std::move(slice));
  if (has_room()) room_.wake_all();
}

void PoolLane::take(Slice slice) {
  tell(slice);
  share_->is_congested = host_.sink().is_congested();
  take_unfinished(std::move(slice.unfinished));
  for (JobPointer& job : slice.others) {
    const JobNumber number = host_.admit(job);
    if (!is_stopped_) host_.dispatch(number, std::move(job));
  }
}

/// Each result stands behind the records that were made before its job ended.
void PoolLane::tell(Slice& slice) {
  if (slice.counts != Counts()) {
    host_.add_chunk({slice.counts, std::move(slice.records)});
    return;
  }
  if (slice.ended.empty()) {
    give_records(host_.sink().take(std::move(slice.records)));
    return;
  }
  const std::string_view records = slice.records;
  std::size_t told = 0;
  for (EndedAttempt& attempt : slice.ended) {
    host_.sink().write(records.substr(told, attempt.records_before - told));
    told = attempt.records_before;
    host_.end(attempt.number, std::move(attempt.ending));
  }
  host_.sink().write(records.substr(told));
  give_records(std::move(slice.records));
}

/// Jobs that outlive their chunk go behind all others; jobs that a worker was given from the queue
/// go back to their places.
void PoolLane::take_unfinished(std::vector<Attempt> unfinished) {
  std::vector<Attempt> returned;
  for (Attempt& attempt : unfinished) {
    const bool is_new = attempt.number == JobNumber::none;
    if (is_new) attempt.number = host_.admit(attempt.job);
    if (is_new && attempt.has_begun()) host_.begin(attempt.number);
    if (!is_new && !attempt.has_begun()) host_.put_back(attempt.number);
    if (attempt.has_begun() ? stop_all_.stop_requested() : is_stopped_) {
      settle_after_stop(attempt);
    } else if (is_new) {
      queue_.add(std::move(attempt));
    } else {
      returned.push_back(std::move(attempt));
    }
  }
  queue_.put_back(std::move(returned));
  share_->others_wait = !queue_.empty();
  if (has_work()) idle_workers_.wake(1);
}

// --- Stopping

/// A job that has not begun is left: it stays where it is in the ledger.
void PoolLane::settle_after_stop(Attempt& attempt) {
  if (attempt.has_begun()) host_.end(attempt.number, attempt.work->interrupt());
}

bool PoolLane::stop(aio::TimePoint deadline) {
  is_stopped_ = true;
  take_delivered();  // while there is time to write it
  stop_begin_.request_stop();
  const bool had_chunks = share_->feed.clear();
  queue_.drop_not_begun();
  for (Waiting& waiting : waiting_) {
    if (waiting.work->earliest_end() > deadline) waiting.stop.request_stop();
  }
  room_.wake_all();
  if (is_idle()) host_.on_idle();
  return had_chunks;
}

void PoolLane::stop_now() {
  stop_all_.request_stop();
  for (Attempt& attempt : queue_.take_begun()) settle_after_stop(attempt);
  if (is_idle()) host_.on_idle();
}

void PoolLane::give_up_chunks() {
  if (!share_->chunks) return;
  share_->chunks->ids.give_up(std::make_exception_ptr(std::runtime_error("the run has ended")));
}

void PoolLane::finish() {
  finished_ = true;
  idle_workers_.wake_all();
}

bool PoolLane::is_idle() const { return !has_work() && busy_workers_ == 0 && !has_undelivered(); }

}  // namespace jobs
