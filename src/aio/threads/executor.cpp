#include "aio/executor.hpp"

#include "aio/detail/pool_queue.hpp"
#include "aio/threads/pool.hpp"

namespace aio {

namespace {

detail::Ref<detail::PoolQueue> make_queue(unsigned max_workers) {
  detail::pool::require_count("max_workers", max_workers);
  return detail::make_ref<detail::PoolQueue>(detail::pool::reserve(max_workers));
}

}  // namespace

ThreadPoolExecutor::ThreadPoolExecutor(unsigned max_workers)
    : ThreadPoolExecutor(make_queue(max_workers)) {}

ThreadPoolExecutor::ThreadPoolExecutor(const PoolThreads& threads)
    : ThreadPoolExecutor(detail::make_ref<detail::PoolQueue>(threads.reservation())) {}

ThreadPoolExecutor::ThreadPoolExecutor(detail::Ref<detail::PoolQueue> queue)
    : owner_(std::make_shared<detail::PoolQueueOwner>(*queue)), queue_(std::move(queue)) {}

ThreadPoolExecutor ThreadPoolExecutor::make_default() {
  return ThreadPoolExecutor(detail::make_ref<detail::PoolQueue>(detail::pool::share_default()));
}

void run_pool_in_background() noexcept { detail::pool::run_in_background(); }

void ThreadPoolExecutor::shutdown() const { queue_->shut_down(); }

unsigned ThreadPoolExecutor::max_workers() const { return queue_->max_workers(); }

PoolStatistics ThreadPoolExecutor::statistics() const { return queue_->statistics(); }

Coro<void> ThreadPoolExecutor::join() const {
  const ThreadPoolExecutor self = *this;
  auto idle = self.queue_->when_idle(detail::require_running_loop());
  co_await std::move(idle);
}

}  // namespace aio
