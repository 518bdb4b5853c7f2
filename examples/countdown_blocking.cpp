// Three countdowns as tasks, with a wait that blocks the thread instead of `co_await aio::sleep`.
// The loop gets no turn while one waits, so they run one after the other again: 6.9 s.

#include <thread>
#include <vector>

#include "aio/aio.hpp"
#include "print.hpp"

using namespace std::chrono_literals;

aio::Coro<void> count_down(char name, aio::Duration delay) {
  for (int n = 3; n > 0; --n) {
    std::this_thread::sleep_for(delay);
    print_tick(name, n);
  }
  co_return;
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
