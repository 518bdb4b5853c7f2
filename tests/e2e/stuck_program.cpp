// A program whose loop gets stuck in a step until its standard input ends: one task sleeps, the
// other one reads, which blocks.

#include <unistd.h>

#include <cstdio>

#include "aio/aio.hpp"

using namespace std::chrono_literals;

aio::Coro<void> sleep_an_hour() { co_await aio::sleep(1h); }

aio::Coro<void> get_stuck() {
  co_await aio::sleep(1ms);
  std::puts("stuck");
  std::fflush(stdout);
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
}

int main() {
  aio::run([]() -> aio::Coro<void> {
    const aio::InspectServer server(aio::get_running_loop());
    const auto sleeping = aio::create_task(sleep_an_hour(), "sleeping");
    co_await aio::create_task(get_stuck(), "stuck one");
    sleeping.cancel();
  });
}
