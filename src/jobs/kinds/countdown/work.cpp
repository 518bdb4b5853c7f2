#include "jobs/kinds/countdown/work.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <semaphore>
#include <utility>

#include "jobs/output/record.hpp"

namespace jobs {

CountdownWork::CountdownWork(JobPointer job)
    : WaitingWork(std::move(job)), countdown_(std::get<Countdown>(this->job()->work)) {}

void CountdownWork::start(aio::TimePoint now) { start_ = {std::chrono::system_clock::now(), now}; }

aio::TimePoint CountdownWork::due(std::uint32_t tick) const {
  Duration::rep offset = 0;
  const auto count = static_cast<Duration::rep>(tick);
  if (__builtin_mul_overflow(countdown_.interval.count(), count, &offset)) {
    return aio::TimePoint::max();
  }
  return aio::saturating_add(start_.monotonic, Duration(offset));
}

std::string CountdownWork::next_tick(aio::TimePoint now) const {
  std::string record;
  append(record,
         TickRecord{job()->id, countdown_.from - ticks_, now - start_.monotonic, now - next_due()});
  return record;
}

void CountdownWork::count_tick(aio::TimePoint now) {
  lateness_max_ = std::max(lateness_max_, Duration(now - next_due()));
  ++ticks_;
}

Ending CountdownWork::ending(aio::TimePoint now) const {
  Ending ending;
  ending.started_at = start_.wall;
  ending.duration = now - start_.monotonic;
  if (is_over()) {
    ending.value = CountdownResult{ticks_, lateness_max_};
  } else {
    ending.state = State::interrupted;
    ending.value = ErrorResult{ErrorCode::shutdown,
                               "the program was told to stop before the last tick was due"};
  }
  return ending;
}

aio::Coro<void> CountdownWork::work(Sink& sink) {
  aio::EventLoop& loop = aio::get_running_loop();
  while (!is_over()) {
    co_await aio::sleep(next_due() - loop.time());
    if (sink.is_congested()) co_await sink.ready();
    const aio::TimePoint now = loop.time();
    sink.write(next_tick(now));
    count_tick(now);
  }
}

namespace {

/// A record on its way from a thread to the sink. The thread waits until it is written, so that a
/// slow reader slows it down. Told to stop meanwhile it takes the record back, unless it is
/// written.
struct Handover {
  explicit Handover(std::string record_) : record(std::move(record_)) {}

  bool claim() { return !claimed.test_and_set(); }
  /// Writes the record, unless the thread has taken it back.
  void write_to(Sink& sink) {
    if (!claim()) return;
    try {
      sink.write(record);
    } catch (...) {
      failure = std::current_exception();  // the thread's to throw
    }
    done.release();
  }

  const std::string record;
  std::atomic_flag claimed;    // by the loop, to write it, or by the thread, to take it back
  std::exception_ptr failure;  // to write it
  std::binary_semaphore done{0};
};

aio::Coro<void> write_when_ready(std::shared_ptr<Handover> handover, Sink& sink) {
  co_await sink.ready();
  handover->write_to(sink);
}

/// Returns when the record is written, or false when it was taken back. Throws the error of
/// the write.
bool hand_over(std::string record, aio::EventLoop& loop, Sink& sink, const std::stop_token& stop) {
  constexpr auto stop_check_interval = std::chrono::milliseconds(10);
  const auto handover = std::make_shared<Handover>(std::move(record));
  loop.call_soon_threadsafe(
      [handover, &loop, &sink] { loop.create_task(write_when_ready(handover, sink), "handover"); });
  while (!handover->done.try_acquire_for(stop_check_interval)) {
    if (stop.stop_requested() && handover->claim()) return false;
  }
  if (handover->failure) std::rethrow_exception(handover->failure);
  return true;
}

}  // namespace

void CountdownWork::work_blocking(aio::EventLoop& loop, Sink& sink, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;  // nobody notifies: it ends by time, or by the stop request
  while (!is_over()) {
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop, next_due(), [] { return false; });
    if (stop.stop_requested()) return;
    const aio::TimePoint now = aio::Clock::now();
    if (!hand_over(next_tick(now), loop, sink, stop)) return;
    count_tick(now);
  }
}

}  // namespace jobs
