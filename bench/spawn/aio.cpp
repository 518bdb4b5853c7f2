// Tasks of aio that are made and awaited.

#include "aio/aio.hpp"

#include <vector>

#include "measure.hpp"

namespace {

aio::Coro<> nothing() { co_return; }

aio::Coro<> by_thousand(int count) {
  const std::int64_t start = bench::now_ns();
  std::vector<aio::Task<>> tasks;
  for (int made = 0; made < count; made += 1000) {
    for (int i = 0; i < 1000; ++i) tasks.push_back(aio::create_task(nothing()));
    for (const aio::Task<>& task : tasks) co_await task;
    tasks.clear();
  }
  bench::print("aio", "by_thousand", static_cast<double>(bench::now_ns() - start) / count);
}

aio::Coro<> at_once(int count) {
  const std::int64_t before = bench::resident_bytes();
  const std::int64_t start = bench::now_ns();
  std::int64_t bytes = 0;
  {
    std::vector<aio::Task<>> tasks;
    tasks.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) tasks.push_back(aio::create_task(nothing()));
    bytes = bench::resident_bytes() - before;
    for (const aio::Task<>& task : tasks) co_await task;
  }
  bench::print("aio", "at_once", static_cast<double>(bench::now_ns() - start) / count);
  bench::print("aio", "bytes", static_cast<double>(bytes) / count);
}

}  // namespace

int main(int argc, char** argv) {
  const int count = bench::is_smoke(argc, argv) ? 10'000 : 1'000'000;
  aio::run(by_thousand(count));
  aio::run(at_once(count));
}
