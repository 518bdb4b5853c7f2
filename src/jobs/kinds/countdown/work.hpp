#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "aio/aio.hpp"
#include "jobs/ending.hpp"
#include "jobs/job.hpp"
#include "jobs/kinds/work.hpp"

namespace jobs {

/// A countdown under way: which tick is next, and how late the ticks were. Tick k is due at
/// start + k × interval, counted from the start and not from the tick before: it cannot drift.
class CountdownWork final : public WaitingWork {
 public:
  explicit CountdownWork(JobPointer job);

  void start(aio::TimePoint now) override;
  aio::TimePoint earliest_end() const override { return due(countdown_.from); }
  /// Waits for each tick, and for room in the sink.
  aio::Coro<void> work(Sink& sink) override;
  /// Each tick waits until the loop has written the one before. When it returns, as many ticks are
  /// counted as records were written.
  void work_blocking(aio::EventLoop& loop, Sink& sink, const std::stop_token& stop) override;
  Ending ending(aio::TimePoint now) const override;

  bool is_over() const { return ticks_ == countdown_.from; }
  aio::TimePoint next_due() const { return due(ticks_ + 1); }

  /// The record of the next tick, made at `now`.
  std::string next_tick(aio::TimePoint now) const;
  /// Counts the next tick, whose record of that moment is told.
  void count_tick(aio::TimePoint now);

 private:
  aio::TimePoint due(std::uint32_t tick) const;

  const Countdown& countdown_;  // of the job
  StartTime start_{Timestamp(), aio::TimePoint()};
  std::uint32_t ticks_ = 0;
  Duration lateness_max_{};
};

}  // namespace jobs
