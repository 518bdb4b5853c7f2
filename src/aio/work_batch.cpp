#include "work_batch.hpp"

#include <algorithm>

#include "aio/error.hpp"
#include "pool.hpp"

namespace aio::detail {

namespace {

constexpr std::size_t never_seen = static_cast<std::size_t>(-1);

}  // namespace

void WorkBatch::send(uv_loop_t* loop) {
  pool::start();
  const auto on_pool = [](uv_work_t* request) {
    pool::settle_this_thread();
    static_cast<WorkBatch*>(request->data)->work();
  };
  const auto after = [](uv_work_t* request, int) {
    auto* const batch = static_cast<WorkBatch*>(request->data);
    batch->queue_.on_returned(*batch);
  };
  const int error = uv_queue_work(loop, &request_, on_pool, after);
  require(error == 0, "libuv did not take work");  // it only refuses what has no function
}

// On the pool. A place that it has passed is the loop's, which may have freed what stood there.
void WorkBatch::work() noexcept {
  const std::size_t count = works_.size();
  for (std::size_t place = 0; place < count; ++place) {
    ThreadWork& work = *works_[place];
    if (work.begin(number)) work.call();
    passed_.store(place + 1, std::memory_order_release);
  }
}

void WorkBatch::reset(std::uint64_t new_number, std::size_t new_index) {
  works_.clear();
  taken_ = 0;
  number = new_number;
  index = new_index;
  held = 0;
  passed_when_seen = never_seen;
  passed_.store(0, std::memory_order_relaxed);
}

std::size_t WorkBatch::waiting() const {
  const std::size_t through = passed() - taken_ + 1;  // one it is at
  return held - std::min(held, through);
}

}  // namespace aio::detail
