#include "aio/threads/work_batch.hpp"

#include <algorithm>

#include "aio/threads/pool.hpp"
#include "aio/threads/small_calls.hpp"

namespace aio::detail {

void WorkBatch::add(Ref<ThreadWork> work) {
  work->batch_ = this;
  work->holder_.store(number, std::memory_order_relaxed);
  works_.push_back(std::move(work));
  ++held;
}

void WorkBatch::send(uv_loop_t* loop) {
  const auto on_pool = [](uv_work_t* request) {
    pool::settle_this_thread();
    static_cast<WorkBatch*>(request->data)->work();
  };
  const auto after = [](uv_work_t* request, int) {
    auto* const batch = static_cast<WorkBatch*>(request->data);
    batch->owner_.on_returned(*batch);
  };
  pool::queue_work(loop, request_, on_pool, after);
}

// On the pool. A place that the worker has passed is the loop's, which may have freed the call.
void WorkBatch::work() noexcept {
  const std::size_t count = works_.size();
  const std::uint64_t start = count > 1 ? uv_hrtime() : 0;
  for (std::size_t place = 0; place < count; ++place) {
    ThreadWork& work = *works_[place];
    if (work.begin(number)) work.call();
    passed_.store(place + 1, std::memory_order_release);
  }
  if (count > 1) duration_ns = uv_hrtime() - start;
}

void WorkBatch::reset(std::uint64_t new_number, std::size_t new_index) {
  works_.clear();
  taken_ = 0;
  number = new_number;
  index = new_index;
  held = 0;
  passed_when_seen = never_seen;
  is_slow = false;
  passed_.store(0, std::memory_order_relaxed);
}

std::size_t WorkBatch::waiting() const {
  const std::size_t end = std::min(passed() + 1, works_.size());  // it is at one
  std::size_t through = 0;
  for (std::size_t place = taken_; place < end; ++place) {
    const ThreadWork& work = *works_[place];
    if (work.batch_ == this && !work.is_withdrawn()) ++through;
  }
  return held - through;
}

}  // namespace aio::detail
