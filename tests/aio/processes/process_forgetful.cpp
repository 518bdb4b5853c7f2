// Has a process pool, and a `main` that does not ask whether it is a worker.

#include <cstdio>

#include "aio/aio.hpp"

int twice(int n) { return 2 * n; }
const auto twice_there = aio::process_function<&twice>("twice");

int main() {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(1);
  try {
    static_cast<void>(loop.run_until_complete(loop.run_in_executor(pool, twice_there, 4)));
  } catch (const aio::BrokenProcessPool& error) {
    std::puts(error.what());
  }
}
