#include "aio/loop/alarm.hpp"

#include <optional>

#include "aio/loop/uv_handle.hpp"

namespace aio::detail {

namespace {

class PortableAlarm final : public Alarm {
 public:
  explicit PortableAlarm(uv_loop_t* loop)
      : timer_(this, "cannot make an event loop's timer",
               [loop](uv_timer_t* timer) { return uv_timer_init(loop, timer); }) {}

  void set(TimePoint time) override;

  void clear() noexcept override {
    if (!set_for_) return;
    uv_timer_stop(timer_.get());
    set_for_.reset();
  }

 private:
  bool is_active() const {
    return uv_is_active(reinterpret_cast<const uv_handle_t*>(timer_.get())) != 0;
  }

  UvHandle<uv_timer_t> timer_;
  std::optional<TimePoint> set_for_;
};

// libuv counts milliseconds of the same clock and cuts it off below, so a timeout counted from now
// can end up to a millisecond early. Counted to the first whole millisecond that is not before the
// time, it cannot; the loop looks at the real clock all the same.
void PortableAlarm::set(TimePoint time) {
  if (set_for_ == time && is_active()) return;
  using Milliseconds = std::chrono::milliseconds;
  uv_loop_t* const loop = timer_.get()->loop;
  uv_update_time(loop);
  const auto due = std::chrono::ceil<Milliseconds>(time.time_since_epoch()).count();
  const auto now = static_cast<Milliseconds::rep>(uv_now(loop));
  const auto timeout = due > now ? static_cast<std::uint64_t>(due - now) : 0;
  // A timer that is due when uv_run begins runs before the wait and would not end it: uv_stop does.
  // Where another owner runs the loop, it would end that run.
  const auto on_timer = [](uv_timer_t* timer) {
    const auto* const alarm = static_cast<PortableAlarm*>(timer->data);
    if (alarm && alarm->waiting) uv_stop(timer->loop);
  };
  throw_if_uv_error(uv_timer_start(timer_.get(), on_timer, timeout, 0),
                    "cannot start an event loop's timer");
  set_for_ = time;
}

}  // namespace

std::unique_ptr<Alarm> make_portable_alarm(uv_loop_t* loop) {
  return std::make_unique<PortableAlarm>(loop);
}

std::unique_ptr<Alarm> make_alarm(uv_loop_t* loop) {
  if (auto alarm = make_descriptor_alarm(loop)) return alarm;
  return make_portable_alarm(loop);
}

}  // namespace aio::detail
