#include "aio/detail/thread_work.hpp"

#include "aio/detail/pool_queue.hpp"
#include "aio/threads/work_batch.hpp"

namespace aio::detail {

void ThreadWork::cancel() noexcept {
  std::uint64_t holder = batch_ ? batch_->number : queued;
  if (holder_.compare_exchange_strong(holder, withdrawn)) {
    queue_->on_withdrawn(*this);
    deliver();
  } else {
    stop_.request_stop();
  }
}

}  // namespace aio::detail
