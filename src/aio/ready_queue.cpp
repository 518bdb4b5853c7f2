#include "aio/detail/ready_queue.hpp"

#include <new>

#include "aio/detail/task_core.hpp"

namespace aio::detail {

void Ready::run() const noexcept { is_task() ? task().run() : runnable().run(); }

// The C library can make a large ring longer without moving it, and without taking memory for two.
void ReadyQueue::grow() {
  const std::size_t capacity = capacity_ == 0 ? 64 : capacity_ * 2;
  auto* const ring = static_cast<Ready*>(std::realloc(ring_.get(), capacity * sizeof(Ready)));
  if (!ring) throw std::bad_alloc();
  static_cast<void>(ring_.release());
  ring_.reset(ring);
  // What has wrapped round, or would have, has its place in the second half now.
  for (std::size_t place = head_; place != tail_; ++place) {
    if (place & capacity_) ring[place & (capacity - 1)] = ring[place & mask_];
  }
  capacity_ = capacity;
  mask_ = capacity - 1;
}

}  // namespace aio::detail
