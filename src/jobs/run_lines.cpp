#include <iterator>
#include <utility>

#include "jobs/run.hpp"

// How a run works a list with one job a line.

namespace jobs {

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
  is_congested_ = output_.is_congested();
  auto future =
      loop_.run_in_executor(pool_, &Run::work_lines_on_pool, this, std::move(lines), stop);
  Slice slice = co_await std::move(future);
  take_delivered();
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
    const bool may_stay =
        may_stay_ && may_deliver() && !stop.begin_plain.stop_requested() && aio::Clock::now() < end;
    if (!has_ended || !may_stay) return slice;
    std::optional<Lines> next = feed_.pop();
    if (!next) return slice;
    deliver(std::move(slice));
    lines = *std::move(next);
  }
}

}  // namespace jobs
