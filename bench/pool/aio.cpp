// Calls that do nothing, through run_in_executor on an executor of two workers.

#include "aio/aio.hpp"

#include <vector>

#include "measure.hpp"

namespace {

void nothing() {}

aio::Coro<void> call(aio::ThreadPoolExecutor executor, aio::PoolOptions options, int count) {
  aio::EventLoop& loop = aio::get_running_loop();
  for (int i = 0; i < count; ++i) co_await loop.run_in_executor(executor, options, nothing);
}

/// Nanoseconds a call, with so many callers at a time.
aio::Coro<double> measure(aio::ThreadPoolExecutor executor, aio::PoolOptions options, int callers,
                          int count) {
  co_await call(executor, options, 10);  // the threads are there
  const auto start = bench::now_ns();
  std::vector<aio::Task<void>> tasks;
  for (int i = 0; i < callers; ++i) {
    tasks.push_back(aio::create_task(call(executor, options, count)));
  }
  for (const aio::Task<void>& task : tasks) co_await task;
  co_return static_cast<double>(bench::now_ns() - start) / callers / count;
}

aio::Coro<void> measure_all(bool smoke) {
  const aio::ThreadPoolExecutor executor(2);
  const auto small = aio::PoolOptions().small();
  const double one_at_a_time = co_await measure(executor, small, 1, smoke ? 100 : 10'000);
  bench::print("aio", "one_at_a_time", one_at_a_time);
  const double in_flight = co_await measure(executor, small, 1000, smoke ? 10 : 3000);
  bench::print("aio", "in_flight", in_flight);
  const double unmarked = co_await measure(executor, aio::PoolOptions(), 1000, smoke ? 10 : 3000);
  bench::print("aio", "unmarked", unmarked);
}

}  // namespace

int main(int argc, char** argv) { aio::run(measure_all(bench::is_smoke(argc, argv))); }
