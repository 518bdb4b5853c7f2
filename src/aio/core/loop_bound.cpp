#include "aio/detail/loop_bound.hpp"

#include <string>

#include "aio/error.hpp"

namespace aio::detail {

void LoopBound::require_here() const {
  const LoopState* const running = running_loop();
  if (running && loop_ && running != loop_.get()) refuse();
}

void LoopBound::rebind(LoopState& loop) {
  if (loop_ && !loop_->is_closed()) refuse();
  loop_ = Ref<LoopState>(loop);
}

void LoopBound::refuse() const {
  throw RuntimeError(std::string(name_) + " is bound to a different event loop");
}

}  // namespace aio::detail
