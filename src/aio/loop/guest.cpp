#include "aio/loop/guest.hpp"

#include "aio/loop/loop_core.hpp"

namespace aio::detail {

namespace {

constexpr const char* doing = "cannot attach to an event loop";

/// It is the owner's matter how long the loop runs: these do not keep it running.
template <class T>
void unref(const UvHandle<T>& handle) {
  uv_unref(reinterpret_cast<uv_handle_t*>(handle.get()));
}

}  // namespace

Guest::Guest(LoopCore& loop, uv_loop_t* uv)
    : loop_(loop),
      prepare_(this, doing, [uv](uv_prepare_t* handle) { return uv_prepare_init(uv, handle); }),
      check_(this, doing, [uv](uv_check_t* handle) { return uv_check_init(uv, handle); }),
      idle_(this, doing, [uv](uv_idle_t* handle) { return uv_idle_init(uv, handle); }) {
  uv_prepare_start(prepare_.get(), [](uv_prepare_t* handle) {
    if (handle->data) static_cast<Guest*>(handle->data)->before_poll();
  });
  uv_check_start(check_.get(), [](uv_check_t* handle) {
    if (handle->data) static_cast<Guest*>(handle->data)->after_poll();
  });
  unref(prepare_);
  unref(check_);
}

// libuv calls timers that are due before it waits. If the owner's have made a turn necessary, it
// must not wait, also where aio runs the loop.
void Guest::before_poll() {
  if (loop_.is_running()) {
    if (loop_.must_turn()) keep_from_waiting();
    return;
  }
  loop_.poller.set_alarm(loop_.next_alarm());
  loop_.poller.hold(loop_.has_work());
  if (!loop_.ready.empty()) keep_from_waiting();
}

void Guest::keep_from_waiting() {
  uv_idle_start(idle_.get(), [](uv_idle_t*) {});
}

void Guest::after_poll() {
  uv_idle_stop(idle_.get());
  if (loop_.is_running()) return;
  loop_.guest_turn();
}

}  // namespace aio::detail
