#include <asio.hpp>

#include "lateness.hpp"

namespace {

asio::awaitable<void> count_down(int index, lateness::Clock::time_point begin,
                                 lateness::nanoseconds duration, lateness::Ticks& ticks) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const lateness::nanoseconds period = lateness::period(index);
  for (auto due = begin + period; due <= begin + duration; due += period) {
    timer.expires_at(due);
    co_await timer.async_wait(asio::use_awaitable);
    ticks.add(due);
  }
}

}  // namespace

int main(int argc, char** argv) {
  lateness::tell("asio", lateness::duration(argc, argv), [](auto duration, auto& ticks) {
    asio::io_context loop(1);
    const auto begin = lateness::Clock::now();
    for (int i = 0; i < lateness::countdowns; ++i) {
      asio::co_spawn(loop, count_down(i, begin, duration, ticks), asio::detached);
    }
    loop.run();
  });
}
