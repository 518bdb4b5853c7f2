#include <deque>
#include <iterator>
#include <utility>

#include "jobs/run/run.hpp"

// How a run works a list with one job a line.

namespace jobs {

namespace {

/// How long a worker stays with chunks at most while nothing else waits for it. It passes on what
/// it has after each of them, but to leave and come back costs as much as some hundreds of jobs.
constexpr aio::Duration lines_time = 4 * slice_time;

/// A chunk that has been parsed, and whose ids may wait for those of the chunks before it.
struct BegunChunk {
  BegunChunk(Lines chunk, LineContext& context) : lines(std::move(chunk)), parser(lines, context) {}
  Lines lines;
  ChunkParser parser;
};

}  // namespace

aio::Coro<void> Run::take_in(LineReader& lines) {
  for (;;) {
    co_await changed_.until([this] { return arrivals_.empty(); });
    lines.give_memory(feed_.take_text());
    std::optional<Lines> chunk = co_await lines.next();
    if (!chunk) co_return;
    try {
      co_await changed_.until([this] { return has_room(); });
    } catch (const aio::CancelledError&) {
      cut_short_ = true;
      throw;
    }
    feed_.push(*std::move(chunk));
    if (busy_workers_ < pool_.max_workers()) changed_.notify();  // a busy one looks by itself
  }
}

aio::Coro<void> Run::work_lines(Lines lines) {
  const bool begun_work_waits = !queue_.empty() && has_begun(queue_.front());
  const std::stop_source& begin = begun_work_waits ? never_begin_ : stop_begin_;
  const StopTokens stop{begin.get_token(), stop_all_.get_token(), stop_begin_.get_token()};
  may_stay_ = !begun_work_waits;
  others_wait_ = !queue_.empty();
  is_congested_ = output_.is_congested();
  auto future =
      loop_.run_in_executor(pool_, &Run::work_lines_on_pool, this, std::move(lines), stop);
  Slice slice = co_await std::move(future);
  take_delivered();
  take_slice(std::move(slice));
}

/// Works chunk after chunk as long as each comes to its end and nobody else needs the worker. The
/// last one's slice is returned, the others go to the loop from here.
///
/// While a chunk's ids wait for a chunk that another worker is at, the next ones are begun: that
/// other one may be behind for as long as the loop, or another program, has its processor.
/// Where that takes the last chunks of the feed the loop is not told. The other one finds the feed
/// low when its chunk ends, and tells the loop or goes there itself; until then this worker has the
/// chunks that it began.
Slice Run::work_lines_on_pool(Lines lines, const StopTokens& stop) {
  const aio::TimePoint start = aio::Clock::now();
  const auto may_stay = [&] {
    return may_stay_ && may_deliver() && !stop.begin_plain.stop_requested() &&
           aio::Clock::now() < start + (others_wait_ ? slice_time : lines_time);
  };
  std::deque<BegunChunk> begun;
  const auto begin = [&](Lines chunk) {
    try {
      begun.emplace_back(std::move(chunk), *lines_);
    } catch (...) {
      lines_->ids.give_up(std::current_exception());  // there may be no parser that does
      throw;
    }
  };
  const auto begin_next = [&] {
    std::optional<Lines> next = feed_.pop();
    if (!next) return false;
    begin(*std::move(next));
    return true;
  };
  begin(std::move(lines));
  for (;;) {
    while (begun.size() <= begun_ahead_max && begun.back().parser.is_plain() &&
           !begun.front().parser.is_settled() && may_stay()) {
      if (!begin_next()) break;
    }
    Slice slice = jobs::work(begun.front().parser.finish(), *lines_, stop, feed_.take_records());
    feed_.give_text(std::move(begun.front().lines.text));
    begun.pop_front();
    if (begun.empty()) {
      const bool has_ended = slice.unfinished.empty() && slice.others.empty();
      if (!has_ended || !may_stay() || !begin_next()) return slice;
    }
    deliver(std::move(slice));
  }
}

}  // namespace jobs
