#include "aio/threads/pool_worker.hpp"

#include "aio/detail/pool_queue.hpp"
#include "aio/threads/pool.hpp"

namespace aio::detail {

void PoolWorker::send(Poller& poller, Duration turn) {
  poller_ = &poller;
  turn_ = turn;
  const auto on_pool = [](uv_work_t* request) {
    static_cast<PoolWorker*>(request->data)->make_calls();
  };
  const auto after = [](uv_work_t* request, int) {
    auto* const worker = static_cast<PoolWorker*>(request->data);
    worker->queue_.on_returned(*worker);
  };
  pool::queue_work(poller.uv(), request_, on_pool, after);
}

// On the pool. The worker brings its last call with it, which is quicker than waking the loop for
// the call and then again for the return.
void PoolWorker::make_calls() noexcept {
  const TimePoint start = Clock::now();
  if (!exchange_.take_first(work, start)) return;
  for (;;) {
    pool::settle_this_thread();
    work->call();
    const TimePoint now = Clock::now();
    if (now - start >= turn_) return;
    const auto handover = exchange_.take_next(work, now);
    if (handover == WorkExchange::Handover::none) return;
    if (handover == WorkExchange::Handover::next_and_wake) poller_->wake();
  }
}

}  // namespace aio::detail
