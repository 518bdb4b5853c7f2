#include "jobs/kinds/countdown/run.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <semaphore>

namespace jobs {

void CountdownRun::start(aio::TimePoint now) {
  started_ = true;
  start_ = now;
  started_at_ = std::chrono::system_clock::now();
}

aio::TimePoint CountdownRun::due(std::uint32_t tick) const {
  Duration::rep offset = 0;
  if (__builtin_mul_overflow(job_.interval.count(), static_cast<Duration::rep>(tick), &offset)) {
    return aio::TimePoint::max();
  }
  return aio::saturating_add(start_, Duration(offset));
}

void CountdownRun::tick(std::string& out, aio::TimePoint now) {
  const Duration lateness = now - next_due();
  lateness_max_ = std::max(lateness_max_, lateness);
  const std::uint32_t value = job_.from - ticks_;
  ++ticks_;
  append(out, TickRecord{id_, value, now - start_, lateness});
}

State CountdownRun::finish(std::string& out, aio::TimePoint now) const {
  ResultRecord record;
  record.job_id = id_;
  record.kind = "countdown";
  record.started_at = started_at_;
  record.duration = now - start_;
  if (is_over()) {
    record.state = State::succeeded;
    record.value = CountdownResult{ticks_, lateness_max_};
  } else {
    record.state = State::interrupted;
    record.value = ErrorResult{ErrorCode::shutdown,
                               "the program was told to stop before the last tick was due"};
  }
  append(out, record);
  return record.state;
}

aio::Coro<void> count_down(CountdownRun& run, Output& output) {
  aio::EventLoop& loop = aio::get_running_loop();
  while (!run.is_over()) {
    co_await aio::sleep(run.next_due() - loop.time());
    if (output.is_congested()) co_await output.ready();
    std::string record;
    run.tick(record, loop.time());
    output.write(record);
  }
}

namespace {

/// A record on its way from a thread to the output. The thread waits until it is written, so that a
/// slow reader slows it down. Told to stop meanwhile it takes the record back, unless it is
/// written.
struct Handover {
  bool claim() { return !claimed.test_and_set(); }

  std::string record;
  std::atomic_flag claimed;  // by the loop, to write it, or by the thread, to take it back
  std::binary_semaphore written{0};
};

aio::Coro<void> write_handover(std::shared_ptr<Handover> handover, Output& output) {
  co_await output.ready();
  if (!handover->claim()) co_return;
  output.write(handover->record);
  handover->written.release();
}

/// Returns when the record is written, or false when it was taken back.
bool hand_over(std::string record, aio::EventLoop& loop, Output& output,
               const std::stop_token& stop) {
  constexpr auto stop_check_interval = std::chrono::milliseconds(10);
  const auto handover = std::make_shared<Handover>();
  handover->record = std::move(record);
  loop.call_soon_threadsafe([handover, &loop, &output] {
    loop.create_task(write_handover(handover, output), "handover");
  });
  while (!handover->written.try_acquire_for(stop_check_interval)) {
    if (stop.stop_requested() && handover->claim()) return false;
  }
  return true;
}

}  // namespace

CountdownRun count_down_blocking(CountdownRun run, aio::EventLoop& loop, Output& output,
                                 std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;  // nobody notifies: it ends by time, or by the stop request
  while (!run.is_over()) {
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop, run.next_due(), [] { return false; });
    if (stop.stop_requested()) break;
    CountdownRun ticked = run;
    std::string record;
    ticked.tick(record, aio::Clock::now());
    if (!hand_over(std::move(record), loop, output, stop)) break;
    run = std::move(ticked);
  }
  return run;
}

}  // namespace jobs
