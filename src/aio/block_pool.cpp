#include "aio/detail/block_pool.hpp"

#include <array>
#include <new>

namespace aio::detail {

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool is_pooled = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool is_pooled = false;
#else
constexpr bool is_pooled = true;
#endif
#else
constexpr bool is_pooled = true;
#endif

constexpr std::size_t size_step = 32;
constexpr std::size_t size_max = 2048;
constexpr std::size_t bytes_max = std::size_t{256} * 1024;  // in one list

struct FreeBlock {
  FreeBlock* next;
};

struct FreeList {
  FreeBlock* first = nullptr;
  std::size_t count = 0;
};

/// A thread's lists. Nothing in it needs a destructor: what is freed when the thread's other
/// objects go finds it still there, and ended.
struct BlockPool {
  std::array<FreeList, size_max / size_step> lists;
  enum class State : unsigned char { unused, used, ended } state = State::unused;
};

constinit thread_local BlockPool pool;

/// Empties the lists when the thread ends.
struct PoolEnd {
  PoolEnd() { pool.state = BlockPool::State::used; }
  PoolEnd(const PoolEnd&) = delete;
  PoolEnd& operator=(const PoolEnd&) = delete;
  ~PoolEnd() {
    pool.state = BlockPool::State::ended;
    for (FreeList& list : pool.lists) {
      while (FreeBlock* const block = list.first) {
        list.first = block->next;
        ::operator delete(block);
      }
    }
  }
};

/// Whether freed blocks are kept: from the first one on, until the thread ends.
bool keeps_blocks() {
  if (pool.state == BlockPool::State::unused) static thread_local const PoolEnd at_thread_end;
  return pool.state == BlockPool::State::used;
}

}  // namespace

void* allocate_block(std::size_t size) {
  if (!is_pooled || size > size_max) return ::operator new(size);
  const std::size_t index = (size - 1) / size_step;
  FreeList& list = pool.lists[index];
  if (!list.first) return ::operator new((index + 1) * size_step);
  --list.count;
  FreeBlock* const block = list.first;
  list.first = block->next;
  return block;
}

void free_block(void* block, std::size_t size) noexcept {
  if (!is_pooled || size > size_max || !keeps_blocks()) return ::operator delete(block);
  const std::size_t index = (size - 1) / size_step;
  FreeList& list = pool.lists[index];
  if (list.count >= bytes_max / ((index + 1) * size_step)) return ::operator delete(block);
  ++list.count;
  list.first = ::new (block) FreeBlock{list.first};
}

}  // namespace aio::detail
