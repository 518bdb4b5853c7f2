#include "aio/executor.hpp"

#include <uv.h>

#include <algorithm>

#include "aio/detail/pool_work.hpp"
#include "loop_core.hpp"
#include "pool.hpp"

namespace aio {

namespace detail {

namespace {

constexpr const char* in_use = "the executor is in use by another loop";

/// libuv's request, with the reference that libuv owns while the work is in its hands.
struct WorkRequest {
  uv_work_t request;
  Ref<ThreadWork> work;
  Ref<PoolQueue> queue;
};

LoopCore& core_of(LoopState& loop) { return static_cast<LoopCore&>(loop); }

void after_work(uv_work_t* uv, int) {
  const std::unique_ptr<WorkRequest> request(static_cast<WorkRequest*>(uv->data));
  const Ref<ThreadWork> work = request->work;
  core_of(work->loop()).remove_pool_work(*work);
  work->loop().ready.push(*request->work.detach());
  request->queue->on_work_done(*work);
}

void queue_in_libuv(Ref<ThreadWork> work, PoolQueue& queue) {
  pool::start();
  LoopCore& loop = core_of(work->loop());
  auto request = std::make_unique<WorkRequest>();
  request->request.data = request.get();
  request->work = std::move(work);
  request->queue = Ref<PoolQueue>(queue);
  const auto call = [](uv_work_t* uv) {
    pool::settle_this_thread();
    static_cast<WorkRequest*>(uv->data)->work->work();
  };
  throw_if_uv_error(uv_queue_work(loop.poller.uv(), &request->request, call, after_work),
                    "cannot queue work");
  static_cast<void>(request.release());
}

}  // namespace

void ThreadWork::work() noexcept {
  Stage expected = Stage::queued;
  if (stage_.compare_exchange_strong(expected, Stage::running)) call(stop_.get_token());
}

void ThreadWork::cancel() noexcept {
  Stage expected = Stage::queued;
  if (stage_.compare_exchange_strong(expected, Stage::withdrawn)) {
    queue_->on_withdrawn(*this);
    deliver();
  } else {
    stop_.request_stop();
  }
}

PoolQueue::PoolQueue(std::shared_ptr<pool::Reservation> threads)
    : threads_(std::move(threads)), max_workers_(threads_->workers()) {}

void PoolQueue::submit(Ref<ThreadWork> work, int priority) {
  if (shut_down_) throw RuntimeError("cannot schedule new futures after shutdown");
  LoopState& loop = work->loop();
  LoopState* user = nullptr;
  if (!user_.compare_exchange_strong(user, &loop) && user != &loop) {
    throw RuntimeError(in_use);
  }
  core_of(loop).add_pool_work(*work);
  work->queue_ = this;
  ++statistics_.submitted;
  if (busy_ < max_workers_) return start(std::move(work));
  work->queued_at_ = loop.now();
  waiting_.push(priority, std::move(work));
  ++statistics_.queued;
}

void PoolQueue::start(Ref<ThreadWork> work) {
  ++busy_;
  work->has_worker_ = true;
  queue_in_libuv(std::move(work), *this);
}

void PoolQueue::start_waiting(LoopState& loop) {
  while (busy_ < max_workers_ && !waiting_.empty()) {
    auto work = waiting_.pop();
    if (work->is_withdrawn()) {
      core_of(loop).remove_pool_work(*work);
      continue;
    }
    --statistics_.queued;
    statistics_.longest_wait = std::max(statistics_.longest_wait, loop.now() - work->queued_at_);
    start(std::move(work));
  }
  if (busy_ > 0) return;
  const std::vector<Future<void>> waiters = std::exchange(idle_waiters_, {});
  user_ = nullptr;  // from here on another loop may use the queue
  for (const Future<void>& waiter : waiters) {
    if (!waiter.done()) waiter.set_result();
  }
}

void PoolQueue::on_withdrawn(const ThreadWork& work) {
  ++statistics_.cancelled;
  if (!work.has_worker_) --statistics_.queued;
}

void PoolQueue::on_work_done(const ThreadWork& work) {
  --busy_;
  if (!work.is_withdrawn()) ++statistics_.completed;
  start_waiting(work.loop());
}

PoolStatistics PoolQueue::statistics() const {
  PoolStatistics now = statistics_;
  now.max_workers = max_workers_;
  now.running = now.submitted - now.completed - now.cancelled - now.queued;
  return now;
}

Future<void> PoolQueue::when_idle(LoopState& loop) {
  const LoopState* const user = user_;
  if (user && user != &loop) throw RuntimeError(in_use);
  Future<void> idle(make_ref<FutureState<void>>(loop));
  user ? idle_waiters_.push_back(idle) : idle.set_result();
  return idle;
}

}  // namespace detail

namespace {

detail::Ref<detail::PoolQueue> make_queue(unsigned max_workers) {
  if (max_workers < 1 || max_workers > 1023) {
    throw ValueError("max_workers must be from 1 to 1023");
  }
  return detail::make_ref<detail::PoolQueue>(detail::pool::reserve(max_workers));
}

}  // namespace

ThreadPoolExecutor::ThreadPoolExecutor(unsigned max_workers)
    : ThreadPoolExecutor(make_queue(max_workers)) {}

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
