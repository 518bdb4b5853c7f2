#include <aio/aio.hpp>
#include <stop_token>

#include "lateness.hpp"

namespace {

aio::Coro<void> count_down(int index, lateness::Clock::time_point begin,
                           lateness::nanoseconds duration, lateness::Ticks& ticks) {
  const lateness::nanoseconds period = lateness::period(index);
  for (auto due = begin + period; due <= begin + duration; due += period) {
    co_await aio::sleep(due - lateness::Clock::now());
    ticks.add(due);
  }
}

void compute_until(const std::stop_token& stop) {
  while (!stop.stop_requested()) lateness::compute();
}

aio::Coro<void> count_all(lateness::nanoseconds duration, bool loaded, lateness::Ticks& ticks) {
  const aio::ThreadPoolExecutor pool(std::thread::hardware_concurrency());
  std::vector<aio::Future<void>> computing;
  for (unsigned i = 0; loaded && i < pool.max_workers(); ++i) {
    computing.push_back(aio::get_running_loop().run_in_executor(pool, compute_until));
  }
  const auto begin = lateness::Clock::now();
  std::vector<aio::Task<void>> countdowns;
  for (int i = 0; i < lateness::countdowns; ++i) {
    countdowns.push_back(aio::create_task(count_down(i, begin, duration, ticks)));
  }
  co_await aio::gather(std::move(countdowns));
  for (const aio::Future<void>& one : computing) one.cancel();
}

}  // namespace

int main(int argc, char** argv) {
  aio::run_pool_in_background();
  aio::request_prompt_wakes();
  bool loaded = false;
  const auto run = [&loaded](lateness::nanoseconds duration, lateness::Ticks& ticks) {
    aio::run(count_all(duration, std::exchange(loaded, true), ticks));
  };
  lateness::tell(
      "aio", lateness::duration(argc, argv), [] { return 0; }, run);
}
