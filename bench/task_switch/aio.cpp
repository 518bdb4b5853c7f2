// Tasks of aio that yield.

#include "aio/aio.hpp"

#include <vector>

#include "measure.hpp"

namespace {

aio::Coro<> yield(int times) {
  for (int i = 0; i < times; ++i) co_await aio::sleep(0);
}

aio::Coro<> yield_beside(int tasks, int times) {
  std::vector<aio::Task<>> all;
  for (int i = 0; i < tasks; ++i) all.push_back(aio::create_task(yield(times)));
  for (const aio::Task<>& task : all) co_await task;
}

double ns_per_yield(int tasks, int times) {
  const std::int64_t start = bench::now_ns();
  aio::run(yield_beside(tasks, times));
  return static_cast<double>(bench::now_ns() - start) / tasks / times;
}

}  // namespace

int main(int argc, char** argv) {
  const int scale = bench::is_smoke(argc, argv) ? 1000 : 1;
  bench::print("aio", "one_task", ns_per_yield(1, 10'000'000 / scale));
  bench::print("aio", "thousand_tasks", ns_per_yield(1000, 10'000 / scale));
}
