#include <uv.h>

#include <array>

#include "lateness.hpp"

// A uv_timer_t a countdown, started anew for each tick. Its repeat is no rival: it drifts.

namespace {

class Countdown {
 public:
  void start(uv_loop_t* loop, int index, lateness::Clock::time_point begin,
             lateness::nanoseconds duration, lateness::Ticks& ticks) {
    period_ = lateness::period(index);
    due_ = begin;
    end_ = begin + duration;
    ticks_ = &ticks;
    uv_timer_init(loop, &timer_);
    timer_.data = this;
    go_on();
  }

 private:
  void go_on() {
    due_ += period_;
    if (due_ > end_) return;
    using std::chrono::milliseconds;
    const auto wait = std::chrono::ceil<milliseconds>(due_ - lateness::Clock::now());
    const auto on_due = [](uv_timer_t* timer) {
      auto& self = *static_cast<Countdown*>(timer->data);
      self.ticks_->add(self.due_);
      self.go_on();
    };
    uv_timer_start(&timer_, on_due,
                   static_cast<std::uint64_t>(std::max(wait, milliseconds(0)).count()), 0);
  }

  uv_timer_t timer_;
  lateness::nanoseconds period_{};
  lateness::Clock::time_point due_;
  lateness::Clock::time_point end_;
  lateness::Ticks* ticks_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
  lateness::tell("libuv", lateness::duration(argc, argv), [](auto duration, auto& ticks) {
    uv_loop_t loop;
    uv_loop_init(&loop);
    std::array<Countdown, lateness::countdowns> countdowns;
    const auto begin = lateness::Clock::now();
    for (int i = 0; i < lateness::countdowns; ++i) {
      countdowns[static_cast<std::size_t>(i)].start(&loop, i, begin, duration, ticks);
    }
    uv_run(&loop, UV_RUN_DEFAULT);
  });
}
