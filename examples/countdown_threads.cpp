// Three countdowns that block, each on a thread of its own, and a loop that waits for all of them.
// Blocking code runs side by side again, for the price of a thread each: 3 s.

#include <thread>

#include "aio/aio.hpp"
#include "print.hpp"

using namespace std::chrono_literals;

void count_down(char name, std::chrono::milliseconds delay) {
  for (int n = 3; n > 0; --n) {
    std::this_thread::sleep_for(delay);
    print_tick(name, n);
  }
}

aio::Coro<void> program(aio::EventLoop& loop) {
  const aio::ThreadPoolExecutor executor(3);
  co_await aio::gather(loop.run_in_executor(executor, count_down, 'A', 1s),
                       loop.run_in_executor(executor, count_down, 'B', 800ms),
                       loop.run_in_executor(executor, count_down, 'C', 500ms));
}

int main() {
  aio::EventLoop loop;
  loop.run_until_complete(program(loop));
  print_done();
}
