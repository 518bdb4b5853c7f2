#include "aio/threads/pool_watch.hpp"

#include "aio/loop/loop_core.hpp"

namespace aio::detail {

void PoolWatch::start() {
  if (!timer_) {
    timer_.emplace(this, "cannot watch the thread pool",
                   [this](uv_timer_t* handle) { return uv_timer_init(loop_.poller.uv(), handle); });
    // Only work that is under way keeps a loop that somebody else runs going.
    uv_unref(reinterpret_cast<uv_handle_t*>(timer_->get()));
  }
  if (uv_is_active(reinterpret_cast<uv_handle_t*>(timer_->get())) != 0) return;
  const auto on_timer = [](uv_timer_t* timer) {
    if (timer->data) static_cast<PoolWatch*>(timer->data)->look();
  };
  throw_if_uv_error(uv_timer_start(timer_->get(), on_timer, 1, 0), "cannot watch the thread pool");
}

// What it has made ready does not wait for something else to come: libuv may call timers before it
// waits. Where somebody else runs the loop, `uv_stop` would end that.
void PoolWatch::look() {
  if (loop_.look_after_pools()) start();
  if (loop_.is_running()) uv_stop(loop_.poller.uv());
}

}  // namespace aio::detail
