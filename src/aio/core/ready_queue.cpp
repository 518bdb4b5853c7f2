#include "aio/detail/ready_queue.hpp"

#include <new>

#include "aio/detail/block_pool.hpp"
#include "aio/detail/task_core.hpp"

namespace aio::detail {

void Ready::run() const noexcept { is_task() ? task().run() : runnable().run(); }

ReadyQueue::~ReadyQueue() {
  while (chunks_ > 0) drop_chunk();
}

// The chunk is full. Where all of it has been read, it serves once more.
void ReadyQueue::make_room() {
  if (chunks_ > 0 && empty()) {
    head_ = tail_ = chunk_of(tail_end_)->places;
    return;
  }
  auto* const chunk = ::new (allocate_block(sizeof(Chunk))) Chunk;
  if (chunks_++ > 0) {
    chunk_of(tail_end_)->next = chunk;
  } else {
    head_ = chunk->places;
    head_end_ = head_ + chunk_length;
  }
  tail_ = chunk->places;
  tail_end_ = tail_ + chunk_length;
}

void ReadyQueue::drop_chunk() noexcept {
  Chunk* const read = chunk_of(head_end_);
  if (--chunks_ > 0) {
    head_ = read->next->places;
    head_end_ = head_ + chunk_length;
  }
  free_block(read, sizeof(Chunk));
}

}  // namespace aio::detail
