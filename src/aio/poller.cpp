#include "poller.hpp"

namespace aio::detail {

Poller::Poller(LoopState& loop, uv_loop_t* borrowed)
    : loop_(loop), uv_(borrowed ? borrowed : &own_) {
  if (!borrowed) throw_if_uv_error(uv_loop_init(uv_), "cannot make an event loop");
  wake_.emplace(this, "cannot make an event loop's wake-up", [this](uv_async_t* handle) {
    return uv_async_init(uv_, handle, [](uv_async_t* wake) {
      if (wake->data) static_cast<Poller*>(wake->data)->take_posted();
    });
  });
  timer_.emplace(this, "cannot make an event loop's timer",
                 [this](uv_timer_t* handle) { return uv_timer_init(uv_, handle); });
}

void Poller::poll() { uv_run(uv_, UV_RUN_NOWAIT); }

void Poller::wait(std::optional<TimePoint> deadline) {
  deadline ? arm(*deadline) : disarm();
  // The wake-up handle is active, so this waits even where nothing else is registered.
  hold(true);
  waiting_ = true;
  uv_run(uv_, UV_RUN_ONCE);
  waiting_ = false;
}

void Poller::hold(bool on) noexcept {
  auto* const handle = reinterpret_cast<uv_handle_t*>(wake_->get());
  on ? uv_ref(handle) : uv_unref(handle);
}

void Poller::arm_for(const TimerHeap& timers) {
  timers.empty() ? disarm() : arm(timers.next_deadline());
}

void Poller::disarm() noexcept {
  if (!armed_for_) return;
  uv_timer_stop(timer_->get());
  armed_for_.reset();
}

// libuv counts milliseconds and cuts its clock off below, so a timeout counted from now can end up
// to a millisecond early. Counted to the first whole millisecond that is not before the deadline,
// it cannot; the loop looks at the real clock all the same.
void Poller::arm(TimePoint deadline) {
  if (armed_for_ == deadline && uv_is_active(reinterpret_cast<uv_handle_t*>(timer_->get()))) return;
  using Milliseconds = std::chrono::milliseconds;
  uv_update_time(uv_);
  const auto due = std::chrono::ceil<Milliseconds>(deadline.time_since_epoch()).count();
  const auto now = static_cast<Milliseconds::rep>(uv_now(uv_));
  const auto timeout = due > now ? static_cast<std::uint64_t>(due - now) : 0;
  // A timer that is due when uv_run begins runs before the wait and would not end it: uv_stop does.
  // Where somebody else runs the loop, it would end that.
  const auto on_timer = [](uv_timer_t* timer) {
    const auto* const poller = static_cast<Poller*>(timer->data);
    if (poller && poller->waiting_) uv_stop(timer->loop);
  };
  throw_if_uv_error(uv_timer_start(timer_->get(), on_timer, timeout, 0),
                    "cannot start an event loop's timer");
  armed_for_ = deadline;
}

bool Poller::post(Ref<Callback> callback) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  posted_.push_back(std::move(callback));
  return uv_async_send(wake_->get()) == 0;
}

void Poller::take_posted() {
  std::vector<Ref<Callback>> posted;
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  for (Ref<Callback>& callback : posted) loop_.ready.push(*callback.detach());
}

void Poller::close() {
  std::vector<Ref<Callback>> posted;  // freed without the lock: what it holds may post
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    posted.swap(posted_);
    wake_.reset();
  }
  timer_.reset();
  if (is_borrowed()) return;  // the handles are gone when the owner has run its loop once more
  // Handles are gone only when libuv has called their close callbacks.
  while (uv_run(uv_, UV_RUN_DEFAULT) != 0) {
  }
  require(uv_loop_close(uv_) == 0, "an event loop was closed with handles still open");
}

}  // namespace aio::detail
