#include <asio.hpp>

#include "sleepers.hpp"

namespace {

asio::awaitable<void> sleeper(std::chrono::nanoseconds delay) {
  asio::steady_timer timer(co_await asio::this_coro::executor, delay);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t count = sleepers::count(argc, argv);
  sleepers::Measure measure;
  asio::io_context loop(1);
  sleepers::Delays delays;
  for (std::int64_t i = 0; i < count; ++i) {
    asio::co_spawn(loop, sleeper(delays.next()), asio::detached);
  }
  asio::post(loop, [&measure] { measure.note_memory(); });  // each has taken its first step
  loop.run();
  measure.tell("asio", count);
}
