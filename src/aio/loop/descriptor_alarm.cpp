#include "aio/loop/alarm.hpp"

#if defined(__linux__)

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "aio/loop/owned_descriptor.hpp"
#include "aio/loop/uv_handle.hpp"

namespace aio::detail {

namespace {

/// A timerfd, set by the loop's own clock, to the nanosecond.
///
/// It has rung when it can be read. A new time takes that back as reading does, and costs no call
/// of its own where the loop goes on to wait for its next deadline, which is nearly always. So it
/// is read only where libuv tells of it outside of such a wait.
class DescriptorAlarm final : public Alarm {
 public:
  DescriptorAlarm(uv_loop_t* loop, OwnedDescriptor timer)
      : timer_(std::move(timer)),
        poll_(this, "cannot watch a timer",
              [this, loop](uv_poll_t* poll) { return uv_poll_init(loop, poll, timer_.get()); }) {
    const auto on_ring = [](uv_poll_t* poll, int, int) {
      if (poll->data) static_cast<DescriptorAlarm*>(poll->data)->ring();
    };
    throw_if_uv_error(uv_poll_start(poll_.get(), UV_READABLE, on_ring), "cannot watch a timer");
    uv_unref(reinterpret_cast<uv_handle_t*>(poll_.get()));
  }

  void set(TimePoint time) override {
    if (set_for_ == time) return;
    // A time of 0 would stop it.
    write(std::max(time.time_since_epoch(), Duration(1)));
    set_for_ = time;
  }

  void clear() noexcept override {
    if (!set_for_ && !rung_) return;
    write(Duration::zero());
    set_for_.reset();
  }

 private:
  void ring() noexcept {
    set_for_.reset();
    rung_ = waiting;
    if (waiting) return;
    std::uint64_t count = 0;
    static_cast<void>(!::read(timer_.get(), &count, sizeof count));
  }

  // It fails only for a descriptor that is no timer, or a wrong time.
  void write(Duration time) noexcept {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    itimerspec value{};
    value.it_value.tv_sec = seconds.count();
    value.it_value.tv_nsec = (time - seconds).count();
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &value, nullptr);
    rung_ = false;
  }

  OwnedDescriptor timer_;
  UvHandle<uv_poll_t> poll_;
  std::optional<TimePoint> set_for_;
  bool rung_ = false;  // and was not read
};

}  // namespace

std::unique_ptr<Alarm> make_descriptor_alarm(uv_loop_t* loop) noexcept {
  OwnedDescriptor timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (timer.get() < 0) return nullptr;  // no descriptor is left, or a sandbox has no timers
  try {
    return std::make_unique<DescriptorAlarm>(loop, std::move(timer));
  } catch (const std::system_error&) {
    return nullptr;
  }
}

}  // namespace aio::detail

#else

namespace aio::detail {

std::unique_ptr<Alarm> make_descriptor_alarm(uv_loop_t*) noexcept { return nullptr; }

}  // namespace aio::detail

#endif
