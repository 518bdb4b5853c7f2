// Coroutines of asio that are spawned; the io_context runs until all have ended.

#include <asio.hpp>

#include "measure.hpp"

namespace {

asio::awaitable<void> nothing() { co_return; }

void spawn(asio::io_context& context, int count) {
  for (int i = 0; i < count; ++i) asio::co_spawn(context, nothing(), asio::detached);
}

void run(asio::io_context& context) {
  context.run();
  context.restart();
}

void by_thousand(int count) {
  asio::io_context context(1);
  const std::int64_t start = bench::now_ns();
  for (int made = 0; made < count; made += 1000) {
    spawn(context, 1000);
    run(context);
  }
  bench::print("asio", "by_thousand", static_cast<double>(bench::now_ns() - start) / count);
}

void at_once(int count) {
  asio::io_context context(1);
  const std::int64_t before = bench::resident_bytes();
  const std::int64_t start = bench::now_ns();
  spawn(context, count);
  const std::int64_t bytes = bench::resident_bytes() - before;
  run(context);
  bench::print("asio", "at_once", static_cast<double>(bench::now_ns() - start) / count);
  bench::print("asio", "bytes", static_cast<double>(bytes) / count);
}

}  // namespace

int main(int argc, char** argv) {
  const int count = bench::is_smoke(argc, argv) ? 10'000 : 1'000'000;
  by_thousand(count);
  at_once(count);
}
