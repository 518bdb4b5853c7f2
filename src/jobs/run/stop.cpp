#include <exception>

#include "jobs/run/run.hpp"

// How a run stops.

namespace jobs {

void Run::stop(aio::TimePoint deadline) {
  stopped_ = true;
  if (source_ && intake_ && !intake_.done() && !source_->is_drained()) cut_short_ = true;
  if (intake_) intake_.cancel("the program was told to stop");
  if (pool_lane_.stop(deadline)) cut_short_ = true;
  loop_lane_.stop(deadline);
}

void Run::stop_now() {
  stop(aio::TimePoint::min());
  pool_lane_.stop_now();
  loop_lane_.stop_now();
}

/// Each part is told to let go, even if telling another one fails.
void Run::abandon() noexcept {
  const auto try_to = [this](auto let_go) {
    try {
      let_go();
    } catch (...) {
      fail(std::current_exception());
    }
  };
  try_to([this] { pool_lane_.give_up_chunks(); });
  try_to([this] { stop(aio::TimePoint::min()); });
  try_to([this] { pool_lane_.stop_now(); });
  try_to([this] { loop_lane_.stop_now(); });
}

}  // namespace jobs
