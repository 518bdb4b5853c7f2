#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "jobs/run/run.hpp"

// How a run has prime jobs worked on the pool, and takes what comes back.

namespace jobs {

namespace {

/// Slices that may be on their way to the loop, however many workers there are, or a worker begins
/// nothing new: what does not fit through the output is not to wait in memory. What a worker has
/// begun comes all the same, so there may be `begun_ahead_max` more for each.
constexpr std::size_t undelivered_max = 8;

/// Slices that go to the loop together while it has nothing to hand out: each time that it wakes
/// costs as much as some dozens of jobs, and takes a processor from a worker.
constexpr std::size_t delivered_together = 3;

/// Chunks that have to wait for the workers, or the loop is to read more.
constexpr std::size_t feed_low = 3;

}  // namespace

aio::Coro<void> Run::work_batch(Batch batch) {
  const StopTokens stop{stop_begin_.get_token(), stop_all_.get_token(), stop_begin_.get_token()};
  is_congested_ = output_.is_congested();
  const std::size_t begun = batch.front().has_started() ? 1 : 0;
  begun_in_slices_ += begun;
  auto future =
      loop_.run_in_executor(pool_, &Run::work_batch_on_pool, this, std::move(batch), stop);
  Slice slice = co_await std::move(future);
  begun_in_slices_ -= begun;
  take_delivered();  // it comes before the rest
  feed_.give_records(output_.take(std::move(slice.records)));
  counts_ += slice.counts;
  requeue(std::move(slice.unfinished), false);
}

/// Goes on with a check of many numbers after a piece of its records is full, so that one is
/// written while the next one is made.
Slice Run::work_batch_on_pool(Batch batch, const StopTokens& stop) {
  const aio::TimePoint end = aio::Clock::now() + slice_time;
  for (;;) {
    Slice slice = jobs::work(std::move(batch), stop, end, feed_.take_records());
    const bool is_full = !slice.unfinished.empty() && slice.records.size() >= slice_bytes;
    if (!is_full || !may_deliver() || aio::Clock::now() >= end) return slice;
    batch = std::exchange(slice.unfinished, {});
    deliver(std::move(slice));
  }
}

/// Checks that have begun stand in front of the queue: they go on before another one begins, so
/// that no more are begun than there are workers.
bool Run::has_begun(const Item& item) {
  const auto* const batch = std::get_if<Batch>(&item);
  return batch && batch->front().has_started();
}

/// What was not begun goes behind all other checks if it is new in the queue, and else to where it
/// was.
void Run::requeue(Batch unfinished, bool is_new) {
  if (!unfinished.empty()) others_wait_ = true;
  Batch begun;
  if (!unfinished.empty() && unfinished.front().has_started()) {
    begun.push_back(std::move(unfinished.front()));
    unfinished.erase(unfinished.begin());
  }
  if (!unfinished.empty() && !deadline_) {
    const auto first = std::find_if_not(queue_.begin(), queue_.end(), has_begun);
    auto place = is_new ? queue_.end() : first;
    // What is left of a chunk goes in pieces, for several workers to share.
    for (auto left = std::span(unfinished); !left.empty();) {
      const auto piece = left.first(std::min(left.size(), batch_jobs));
      left = left.subspan(piece.size());
      Batch batch(std::make_move_iterator(piece.begin()), std::make_move_iterator(piece.end()));
      place = std::next(queue_.insert(place, std::move(batch)));
    }
  }
  if (begun.empty()) return;
  if (stop_all_.stop_requested()) {
    interrupt(begun.front());
  } else {
    queue_.emplace_front(std::move(begun));
  }
}

/// Whether a worker may hand over what it has, and go on.
bool Run::may_deliver() const { return !is_congested_ && delivered_.size() < undelivered_max; }

/// The loop is told once a few slices are there, or at once when it has to read on. What it is not
/// told of it finds when the worker comes back, some 20 milliseconds later at most.
void Run::deliver(Slice slice) {
  const std::size_t enough = feed_.size() < feed_low ? 1 : delivered_together;
  if (!delivered_.put(std::move(slice), enough)) return;
  loop_.call_soon_threadsafe([this] {
    take_delivered();
    changed_.notify();
  });
}

/// The caller notifies, after whatever else it changes.
void Run::take_delivered() {
  for (Slice& slice : delivered_.take_all()) take_slice(std::move(slice));
}

void Run::take_slice(Slice slice) {
  feed_.give_records(output_.take(std::move(slice.records)));
  is_congested_ = output_.is_congested();
  counts_ += slice.counts;
  requeue(std::move(slice.unfinished), true);
  if (!deadline_) {  // else the others are left
    std::move(slice.others.begin(), slice.others.end(), std::back_inserter(arrivals_));
  }
}

}  // namespace jobs
