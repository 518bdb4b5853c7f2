// Three countdowns at the same time, on one thread.
// While one waits the others run, so the whole takes as long as the longest: 3 s.

#include <vector>

#include "aio/aio.hpp"
#include "print.hpp"

using namespace std::chrono_literals;

aio::Coro<void> count_down(char name, aio::Duration delay) {
  for (int n = 3; n > 0; --n) {
    co_await aio::sleep(delay);
    print_tick(name, n);
  }
}

int main() {
  aio::EventLoop loop;
  const std::vector tasks{
      loop.create_task(count_down('A', 1s)),
      loop.create_task(count_down('B', 800ms)),
      loop.create_task(count_down('C', 500ms)),
  };
  loop.run_until_complete(aio::wait(tasks));
  print_done();
}
