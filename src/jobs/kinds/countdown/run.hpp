#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "aio/aio.hpp"
#include "jobs/job.hpp"
#include "jobs/output/output.hpp"
#include "jobs/output/record.hpp"

namespace jobs {

/// A countdown under way: which tick is next, and how late the ticks were. Tick k is due at
/// start + k × interval, counted from the start and not from the tick before: it cannot drift.
class CountdownRun {
 public:
  CountdownRun(std::string id, Countdown job) : id_(std::move(id)), job_(job) {}

  /// The moment that ticks are counted from.
  void start(aio::TimePoint now);
  bool has_started() const { return started_; }
  const std::string& id() const { return id_; }

  bool is_over() const { return ticks_ == job_.from; }
  aio::TimePoint next_due() const { return due(ticks_ + 1); }
  aio::TimePoint last_due() const { return due(job_.from); }

  /// Makes the next tick, and appends its record.
  void tick(std::string& out, aio::TimePoint now);
  /// Appends the `result` of a countdown that is over, or that was told to stop; returns its state.
  State finish(std::string& out, aio::TimePoint now) const;

 private:
  aio::TimePoint due(std::uint32_t tick) const;

  std::string id_;
  Countdown job_;
  bool started_ = false;
  aio::TimePoint start_{};
  Timestamp started_at_{};
  std::uint32_t ticks_ = 0;
  Duration lateness_max_{};
};

/// Counts down on the loop: waits for each tick, and for room in the output.
aio::Coro<void> count_down(CountdownRun& run, Output& output);

/// Counts down from where `run` was started, blocking the calling thread; the records go to
/// `output` by way of `loop`. Ends early when `stop` is requested, within a few milliseconds. What
/// it returns has ticked as often as records were written.
CountdownRun count_down_blocking(CountdownRun run, aio::EventLoop& loop, Output& output,
                                 std::stop_token stop);

}  // namespace jobs
