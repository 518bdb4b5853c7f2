#include "aio/loop/poller.hpp"

namespace aio::detail {

Poller::Poller(LoopState& loop, uv_loop_t* borrowed)
    : loop_(loop),
      uv_(borrowed ? borrowed : own_.emplace().get()),
      is_borrowed_(borrowed != nullptr) {
  doorbell_ = std::make_shared<Doorbell>(uv_, [this] { take_posted(); });
  alarm_ = make_alarm(uv_);
}

void Poller::poll() { uv_run(uv_, UV_RUN_NOWAIT); }

void Poller::wait(std::optional<TimePoint> deadline) {
  set_alarm(deadline);
  // The doorbell is active, so this waits even where nothing else is registered.
  hold(true);
  alarm_->waiting = true;
  uv_run(uv_, UV_RUN_ONCE);
  alarm_->waiting = false;
}

void Poller::hold(bool on) noexcept { doorbell_->hold(on); }

void Poller::set_alarm(std::optional<TimePoint> deadline) {
  deadline ? alarm_->set(*deadline) : alarm_->clear();
}

// The bell is rung without the lock: the loop's thread may want that as soon as it hears, and on
// the processor of the one who rings.
bool Poller::post(Ref<Callback> callback) {
  std::shared_ptr<Doorbell> doorbell;
  {
    const std::lock_guard lock(mutex_);
    if (!doorbell_) return false;
    posted_.push_back(std::move(callback));
    has_posted_.store(true, std::memory_order_release);
    doorbell = doorbell_;
  }
  doorbell->ring();
  return true;
}

void Poller::wake() {
  std::shared_ptr<Doorbell> doorbell;
  {
    const std::lock_guard lock(mutex_);
    doorbell = doorbell_;
  }
  if (doorbell) doorbell->ring();
}

// Most wakes are the pool's: they need no lock, which a thread in the background may hold.
void Poller::take_posted() {
  std::vector<Ref<Callback>> posted;
  if (has_posted_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    has_posted_.store(false, std::memory_order_relaxed);
    posted.swap(posted_);
  }
  for (Ref<Callback>& callback : posted) loop_.ready.push(*callback.detach());
  loop_.take_done_outside();
}

void Poller::close() {
  std::vector<Ref<Callback>> posted;  // freed without the lock: their contents may post
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
    doorbell_->close();
    doorbell_.reset();
  }
  alarm_.reset();
  own_.reset();  // a borrowed one is rid of the handles when its owner has run it once more
}

}  // namespace aio::detail
