#include "aio/executor.hpp"

#include <uv.h>

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
  Ref<PoolWork> work;
  Ref<PoolQueue> queue;
};

LoopCore& core_of(LoopState& loop) { return static_cast<LoopCore&>(loop); }

void after_work(uv_work_t* uv, int) {
  const std::unique_ptr<WorkRequest> request(static_cast<WorkRequest*>(uv->data));
  LoopState& loop = request->work->loop();
  core_of(loop).remove_pool_work(*request->work);
  loop.ready.push(*request->work.detach());
  request->queue->on_work_done(loop);
}

void queue_in_libuv(Ref<PoolWork> work, PoolQueue& queue) {
  pool::start();
  LoopCore& loop = core_of(work->loop());
  auto request = std::make_unique<WorkRequest>();
  request->request.data = request.get();
  request->work = std::move(work);
  request->queue = Ref<PoolQueue>(queue);
  const auto call = [](uv_work_t* uv) { static_cast<WorkRequest*>(uv->data)->work->work(); };
  throw_if_uv_error(uv_queue_work(loop.poller.uv(), &request->request, call, after_work),
                    "cannot queue work");
  static_cast<void>(request.release());
}

}  // namespace

void PoolWork::work() noexcept {
  Stage expected = Stage::queued;
  if (stage_.compare_exchange_strong(expected, Stage::running)) call(stop_.get_token());
}

void PoolWork::cancel() noexcept {
  Stage expected = Stage::queued;
  if (stage_.compare_exchange_strong(expected, Stage::withdrawn)) {
    deliver();
  } else {
    stop_.request_stop();
  }
}

void PoolWork::run() noexcept {
  deliver();
  release();
}

PoolQueue::PoolQueue(std::shared_ptr<pool::Reservation> threads)
    : threads_(std::move(threads)), max_workers_(threads_->workers()) {}

void PoolQueue::submit(Ref<PoolWork> work) {
  if (shut_down_) throw RuntimeError("cannot schedule new futures after shutdown");
  LoopState& loop = work->loop();
  LoopState* user = nullptr;
  if (!user_.compare_exchange_strong(user, &loop) && user != &loop) {
    throw RuntimeError(in_use);
  }
  core_of(loop).add_pool_work(*work);
  PoolWork* const last = work.detach();
  (last_ ? last_->next_in_queue_ : first_) = last;
  last_ = last;
  start_waiting(loop);
}

void PoolQueue::start_waiting(LoopState& loop) {
  while (first_ && busy_ < max_workers_) {
    auto work = Ref<PoolWork>::adopt(first_);
    first_ = first_->next_in_queue_;
    if (!first_) last_ = nullptr;
    if (work->is_withdrawn()) {
      core_of(loop).remove_pool_work(*work);
      continue;
    }
    ++busy_;
    queue_in_libuv(std::move(work), *this);
  }
  if (busy_ > 0) return;
  const std::vector<Future<void>> waiters = std::exchange(idle_waiters_, {});
  user_ = nullptr;  // from here on another loop may use the queue
  for (const Future<void>& waiter : waiters) {
    if (!waiter.done()) waiter.set_result();
  }
}

void PoolQueue::on_work_done(LoopState& loop) {
  --busy_;
  start_waiting(loop);
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

void ThreadPoolExecutor::shutdown() const { queue_->shut_down(); }

unsigned ThreadPoolExecutor::max_workers() const { return queue_->max_workers(); }

Coro<void> ThreadPoolExecutor::join() const {
  const ThreadPoolExecutor self = *this;
  auto idle = self.queue_->when_idle(detail::require_running_loop());
  co_await std::move(idle);
}

}  // namespace aio
