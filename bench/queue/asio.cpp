#include <asio.hpp>
#include <asio/experimental/channel.hpp>

#include "queue_work.hpp"

namespace {

using Numbers = asio::experimental::channel<void(asio::error_code, std::int64_t)>;

asio::awaitable<void> send(Numbers& numbers, std::int64_t count) {
  for (std::int64_t i = 1; i <= count; ++i) {
    co_await numbers.async_send(asio::error_code(), i, asio::use_awaitable);
  }
}

asio::awaitable<void> receive(Numbers& numbers, std::int64_t count, std::int64_t& sum) {
  for (std::int64_t i = 0; i < count; ++i) {
    sum += co_await numbers.async_receive(asio::use_awaitable);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto work = [](std::int64_t count, std::int64_t capacity) {
    asio::io_context loop(1);
    Numbers numbers(loop, static_cast<std::size_t>(capacity));
    std::int64_t sum = 0;
    asio::co_spawn(loop, receive(numbers, count, sum), asio::detached);
    asio::co_spawn(loop, send(numbers, count), asio::detached);
    loop.run();
    return sum;
  };
  return queue_work::tell("asio", queue_work::count(argc, argv), work) ? 0 : 1;
}
