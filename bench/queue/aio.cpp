#include <aio/aio.hpp>

#include "queue_work.hpp"

namespace {

using Numbers = aio::Queue<std::int64_t>;

aio::Coro<void> send(Numbers& numbers, std::int64_t count) {
  for (std::int64_t i = 1; i <= count; ++i) co_await numbers.put(i);
}

aio::Coro<std::int64_t> hand_over(std::int64_t count, std::int64_t capacity) {
  Numbers numbers(capacity);
  const auto sender = aio::create_task(send(numbers, count));
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += co_await numbers.get();
  co_await sender;
  co_return sum;
}

}  // namespace

int main(int argc, char** argv) {
  const auto work = [](std::int64_t count, std::int64_t capacity) {
    return aio::run(hand_over(count, capacity));
  };
  return queue_work::tell("aio", queue_work::count(argc, argv), work) ? 0 : 1;
}
