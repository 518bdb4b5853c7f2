// Coroutines of asio that post themselves to their io_context.

#include <asio.hpp>

#include "measure.hpp"

namespace {

asio::awaitable<void> yield(int times) {
  for (int i = 0; i < times; ++i) co_await asio::post(asio::use_awaitable);
}

double ns_per_yield(int tasks, int times) {
  asio::io_context context(1);
  const std::int64_t start = bench::now_ns();
  for (int i = 0; i < tasks; ++i) asio::co_spawn(context, yield(times), asio::detached);
  context.run();
  return static_cast<double>(bench::now_ns() - start) / tasks / times;
}

}  // namespace

int main(int argc, char** argv) {
  const int scale = bench::is_smoke(argc, argv) ? 100 : 1;
  bench::print("asio", "one_task", ns_per_yield(1, 3'000'000 / scale));
  bench::print("asio", "thousand_tasks", ns_per_yield(1000, 3'000 / scale));
}
