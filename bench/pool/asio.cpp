// Calls that do nothing, on an asio::thread_pool of two, awaited by coroutines of an io_context.

#include <asio.hpp>
#include <utility>

#include "measure.hpp"

namespace {

void nothing() {}

asio::awaitable<void> call_once(asio::thread_pool& pool) {
  auto work = [&pool](auto handler) {
    // The io_context goes on for as long as it has something to come back to.
    auto back = asio::prefer(asio::get_associated_executor(handler),
                             asio::execution::outstanding_work.tracked);
    asio::post(pool, [back, handler = std::move(handler)]() mutable {
      nothing();
      asio::post(back, std::move(handler));
    });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void()>(work, asio::use_awaitable);
}

asio::awaitable<void> call(asio::thread_pool& pool, int count) {
  for (int i = 0; i < count; ++i) co_await call_once(pool);
}

/// Nanoseconds a call, with so many callers at a time.
double measure(asio::thread_pool& pool, int callers, int count) {
  asio::io_context context(1);
  const auto start = bench::now_ns();
  for (int i = 0; i < callers; ++i) asio::co_spawn(context, call(pool, count), asio::detached);
  context.run();
  return static_cast<double>(bench::now_ns() - start) / callers / count;
}

}  // namespace

int main(int argc, char** argv) {
  const bool smoke = bench::is_smoke(argc, argv);
  asio::thread_pool pool(2);
  static_cast<void>(measure(pool, 1, 10));  // the threads are there
  bench::print("asio", "one_at_a_time", measure(pool, 1, smoke ? 100 : 10'000));
  bench::print("asio", "in_flight", measure(pool, 1000, smoke ? 10 : 1000));
}
