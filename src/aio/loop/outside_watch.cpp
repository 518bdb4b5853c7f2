#include "aio/loop/outside_watch.hpp"

#include "aio/loop/loop_core.hpp"

namespace aio::detail {

namespace {

constexpr const char* cannot_watch = "cannot watch the thread pool";

}  // namespace

void OutsideWatch::start() {
  if (!timer_) {
    timer_.emplace(this, cannot_watch,
                   [this](uv_timer_t* handle) { return uv_timer_init(loop_.poller.uv(), handle); });
    // Only work that is under way keeps a loop that another owner runs going.
    uv_unref(reinterpret_cast<uv_handle_t*>(timer_->get()));
  }
  if (uv_is_active(reinterpret_cast<uv_handle_t*>(timer_->get())) != 0) return;
  const auto on_timer = [](uv_timer_t* timer) {
    if (timer->data) static_cast<OutsideWatch*>(timer->data)->look();
  };
  throw_if_uv_error(uv_timer_start(timer_->get(), on_timer, 1, 0), cannot_watch);
}

// Calls that it has made ready must not wait for another event: libuv may call timers before it
// waits. Where the loop's owner runs it, `uv_stop` would end his run.
void OutsideWatch::look() {
  if (loop_.outside.look_after()) start();
  if (loop_.is_running()) uv_stop(loop_.poller.uv());
}

}  // namespace aio::detail
