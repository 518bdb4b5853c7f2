#include <sys/timerfd.h>
#include <unistd.h>

#include <aio/prompt_wakes.hpp>
#include <queue>

#include "aio/threads/background_thread.hpp"
#include "lateness.hpp"

// The least that a tick can be late: one thread that blocks in a timerfd, set for the earliest. It
// has what the kernel gives to be punctual, and the load steps back.

namespace {

struct Tick {
  lateness::Clock::time_point due;
  lateness::nanoseconds period;
  friend bool operator<(const Tick& a, const Tick& b) { return a.due > b.due; }
};

void wait_until(int timer, lateness::Clock::time_point due) {
  const auto time = due.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  itimerspec value{};
  value.it_value.tv_sec = seconds.count();
  value.it_value.tv_nsec = (time - seconds).count();
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &value, nullptr);
  std::uint64_t count = 0;
  while (::read(timer, &count, sizeof count) < 0) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  aio::request_prompt_wakes();
  const auto make_load = [] {
    return std::make_unique<lateness::Load>([] { aio::detail::put_this_thread_in_background(); });
  };
  const auto run = [](lateness::nanoseconds duration, lateness::Ticks& ticks) {
    const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    const auto begin = lateness::Clock::now();
    std::priority_queue<Tick> pending;
    for (int i = 0; i < lateness::countdowns; ++i) {
      if (lateness::period(i) > duration) continue;
      pending.push({begin + lateness::period(i), lateness::period(i)});
    }
    while (!pending.empty()) {
      Tick tick = pending.top();
      pending.pop();
      if (lateness::Clock::now() < tick.due) wait_until(timer, tick.due);
      ticks.add(tick.due);
      tick.due += tick.period;
      if (tick.due <= begin + duration) pending.push(tick);
    }
    ::close(timer);
  };
  lateness::tell("floor-timerfd", lateness::duration(argc, argv), make_load, run);
}
