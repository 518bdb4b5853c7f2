#include "jobs/lanes/pool_share.hpp"

#include <deque>
#include <exception>
#include <utility>

namespace jobs {

namespace {

/// Slices that may be on their way to the loop, however many workers there are, or a worker begins
/// nothing new: records that do not fit through the sink are not to wait in memory. Chunks that a
/// worker has begun come all the same, so there may be `begun_ahead_max` more for each.
constexpr std::size_t undelivered_max = 8;

/// Slices that go to the loop together while it has nothing to hand out: each time that it wakes
/// costs as much as some dozens of jobs, and takes a processor from a worker.
constexpr std::size_t delivered_together = 3;

/// Chunks that have to wait for the workers, or the loop is to read more.
constexpr std::size_t feed_low = 3;

/// How long a worker stays with chunks at most while nothing else waits for it. It passes on its
/// records after each of them, but to leave and come back costs as much as some hundreds of jobs.
constexpr aio::Duration chunks_time = 4 * slice_time;

/// Whether a worker may hand over its slice, and go on.
bool may_deliver(const PoolShare& share) {
  return !share.is_congested && share.delivered.size() < undelivered_max;
}

/// The loop is told once a few slices are there, or at once when it has to read on. Other slices
/// it finds when the worker comes back, some 20 milliseconds later at most.
void deliver(const std::shared_ptr<PoolShare>& share, Slice slice) {
  const std::size_t enough = share->feed.size() < feed_low ? 1 : delivered_together;
  if (!share->delivered.put(std::move(slice), enough)) return;
  share->loop.call_soon_threadsafe([share] {
    if (share->on_delivery) share->on_delivery();
  });
}

/// A chunk that has been parsed, and whose ids may wait for those of the chunks before it.
struct BegunChunk {
  BegunChunk(Chunk chunk_, ChunkContext& context)
      : chunk(std::move(chunk_)), parser(chunk, context) {}
  Chunk chunk;
  ChunkParser parser;
};

/// One worker's stay with chunks of lines.
///
/// While a chunk's ids wait for a chunk that another worker is at, the next ones are begun: that
/// other one may be behind for as long as the loop, or another program, has its processor. Where
/// that takes the last chunks of the feed the loop is not told. The other one finds the feed low
/// when its chunk ends, and tells the loop or goes there itself; until then this worker has the
/// chunks that it began.
class ChunkStay {
 public:
  ChunkStay(const std::shared_ptr<PoolShare>& share, const StopTokens& stop)
      : share_(share), stop_(stop) {}

  Slice work(Chunk chunk) {
    begin(std::move(chunk));
    for (;;) {
      begin_ahead();
      Slice slice = work_first();
      if (begun_.empty() && !goes_on_after(slice)) return slice;
      deliver(share_, std::move(slice));
    }
  }

 private:
  void begin(Chunk chunk) {
    try {
      begun_.emplace_back(std::move(chunk), *share_->chunks);
    } catch (...) {
      share_->chunks->ids.give_up(std::current_exception());  // there may be no parser that does
      throw;
    }
  }

  bool begin_next() {
    std::optional<Chunk> next = share_->feed.pop();
    if (!next) return false;
    begin(*std::move(next));
    return true;
  }

  void begin_ahead() {
    while (begun_.size() <= PoolShare::begun_ahead_max && begun_.back().parser.is_plain() &&
           !begun_.front().parser.is_settled() && may_stay()) {
      if (!begin_next()) break;
    }
  }

  Slice work_first() {
    ParsedChunk parsed = begun_.front().parser.finish();
    Slice slice =
        jobs::work(std::move(parsed), *share_->chunks, stop_, share_->feed.take_records());
    share_->feed.give_text(std::move(begun_.front().chunk.text));
    begun_.pop_front();
    return slice;
  }

  bool goes_on_after(const Slice& slice) {
    const bool has_ended = slice.unfinished.empty() && slice.others.empty();
    return has_ended && may_stay() && begin_next();
  }

  bool may_stay() const {
    return share_->may_stay && may_deliver(*share_) && !stop_.begin_plain.stop_requested() &&
           aio::Clock::now() < start_ + (share_->others_wait ? slice_time : chunks_time);
  }

  const std::shared_ptr<PoolShare>& share_;
  const StopTokens& stop_;
  aio::TimePoint start_ = aio::Clock::now();
  std::deque<BegunChunk> begun_;
};

}  // namespace

Slice work_chunks(const std::shared_ptr<PoolShare>& share, Chunk chunk, const StopTokens& stop) {
  return ChunkStay(share, stop).work(std::move(chunk));
}

Slice work_attempts(const std::shared_ptr<PoolShare>& share, std::vector<Attempt> attempts,
                    const StopTokens& stop) {
  const aio::TimePoint end = aio::Clock::now() + slice_time;
  for (;;) {
    Slice slice = work(std::move(attempts), stop, end, share->feed.take_records());
    const bool is_full = !slice.unfinished.empty() && slice.records.size() >= slice_bytes;
    if (!is_full || !may_deliver(*share) || aio::Clock::now() >= end) return slice;
    attempts = std::exchange(slice.unfinished, {});
    deliver(share, std::move(slice));
  }
}

}  // namespace jobs
