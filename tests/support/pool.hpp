#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <random>

#include "aio/executor.hpp"

namespace support {

/// What random work counts, on the pool's threads.
struct PoolCounts {
  std::atomic<int> started = 0;
  std::atomic<int> ended = 0;
};

/// Any of `priorities` around none, and either way to be cancelled.
inline aio::PoolOptions options_at_random(std::mt19937& random, unsigned priorities) {
  const int priority = static_cast<int>(random() % priorities) - 2;
  const bool waits = random() % 2 == 0;
  return aio::PoolOptions().priority(priority).on_cancel(waits ? aio::OnCancel::wait
                                                               : aio::OnCancel::abandon);
}

/// That all of what `counts` was made for was begun once or never, and ended.
inline aio::Coro<void> check_accounts(aio::ThreadPoolExecutor executor, const PoolCounts& counts) {
  co_await executor.join();
  const auto statistics = executor.statistics();
  CHECK(statistics.submitted == statistics.completed + statistics.cancelled);
  CHECK(statistics.completed == static_cast<unsigned>(counts.ended));
  CHECK(counts.started == counts.ended);
}

}  // namespace support
