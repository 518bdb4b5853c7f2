#include <iterator>
#include <memory>
#include <utility>

#include "jobs/run.hpp"

// How a run works a list with one job a line.

namespace jobs {

namespace {

/// Slices that may be on their way to the loop, however many workers there are: what does not fit
/// through the output is not to wait in memory.
constexpr std::size_t undelivered_max = 8;

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
    changed_.notify();
  }
}

aio::Coro<void> Run::work_lines(Lines lines) {
  const bool begun_work_waits = !queue_.empty() && has_begun(queue_.front());
  const std::stop_source& begin = begun_work_waits ? never_begin_ : stop_begin_;
  const StopTokens stop{begin.get_token(), stop_all_.get_token(), stop_begin_.get_token()};
  may_stay_ = !output_.is_congested() && !begun_work_waits;
  auto future =
      loop_.run_in_executor(pool_, &Run::work_lines_on_pool, this, std::move(lines), stop);
  Slice slice = co_await std::move(future);
  take_slice(std::move(slice));
}

/// Works chunk after chunk as long as each comes to its end and nobody else needs the worker. The
/// last one's slice is returned, the others go to the loop from here.
Slice Run::work_lines_on_pool(Lines lines, const StopTokens& stop) {
  const aio::TimePoint end = aio::Clock::now() + slice_time;
  for (;;) {
    Slice slice = jobs::work(lines, *lines_, stop, feed_.take_records());
    feed_.give_text(std::move(lines.text));
    const bool has_ended = slice.unfinished.empty() && slice.others.empty();
    const bool may_stay = may_stay_ && undelivered_ < undelivered_max &&
                          !stop.begin_plain.stop_requested() && aio::Clock::now() < end;
    if (!has_ended || !may_stay) return slice;
    std::optional<Lines> next = feed_.pop();
    if (!next) return slice;
    deliver(std::move(slice));
    lines = *std::move(next);
  }
}

void Run::deliver(Slice slice) {
  ++undelivered_;
  loop_.call_soon_threadsafe([this, shared = std::make_shared<Slice>(std::move(slice))] {
    --undelivered_;
    take_slice(std::move(*shared));
  });
}

void Run::take_slice(Slice slice) {
  feed_.give_records(output_.take(std::move(slice.records)));
  if (output_.is_congested()) may_stay_ = false;
  counts_ += slice.counts;
  requeue(std::move(slice.unfinished), true);
  if (!deadline_) {  // else the others are left
    std::move(slice.others.begin(), slice.others.end(), std::back_inserter(arrivals_));
  }
  changed_.notify();
}

}  // namespace jobs
