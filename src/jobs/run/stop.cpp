#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "jobs/run/run.hpp"

namespace jobs {

void Run::stop(aio::TimePoint deadline) {
  deadline_ = deadline;
  take_delivered();  // while there is time to write it
  stop_begin_.request_stop();
  if (reader_ && intake_ && !intake_.done() && !reader_->is_drained()) cut_short_ = true;
  if (intake_) intake_.cancel("the program was told to stop");
  drop_what_has_not_begun();
  for (OpenCountdown& countdown : countdowns_) {
    if (countdown.run.last_due() > deadline) countdown.interrupt();
  }
  changed_.notify();
}

void Run::drop_what_has_not_begun() {
  arrivals_.clear();
  if (feed_.clear()) cut_short_ = true;
  for (Item& item : std::exchange(queue_, {})) {
    if (auto* const batch = std::get_if<Batch>(&item)) requeue(std::move(*batch), false);
  }
  const auto has_not_begun = [](const PrimeRun& run) { return !run.has_started(); };
  open_ -= std::erase_if(loop_checks_, has_not_begun);
  open_ -= countdowns_.remove_if([](const OpenCountdown& countdown) {
    if (countdown.run.has_started()) return false;
    countdown.interrupt();  // its task has not taken its first step, and never will
    return true;
  });
}

void Run::stop_now() {
  stop_all_.request_stop();
  stop(aio::TimePoint::min());
  for (PrimeRun& run : std::exchange(loop_checks_, {})) {
    --open_;
    interrupt(run);
  }
  changed_.notify();
}

void Run::abandon() {
  if (lines_) lines_->ids.give_up(std::make_exception_ptr(std::runtime_error("given up")));
  stop_now();
}

void Run::interrupt(PrimeRun& run) {
  std::string record;
  run.interrupt(record);
  counts_.add(State::interrupted);
  output_.write(record);
}

}  // namespace jobs
