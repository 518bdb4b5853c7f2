#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace aio::detail {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool has_block_pool = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool has_block_pool = false;
#else
inline constexpr bool has_block_pool = true;
#endif
#else
inline constexpr bool has_block_pool = true;
#endif

inline constexpr std::size_t block_size_step = 8;
inline constexpr std::size_t block_size_max = 2048;

struct FreeBlock {
  FreeBlock* next;
};

/// The blocks of one size that a thread keeps.
struct BlockList {
  FreeBlock* first;
  std::uint32_t room;  // how many more it may hold; 0 until the thread first keeps one
};

/// A thread's lists. Nothing in them needs a destructor: what is freed when the thread's other
/// objects go finds them still there.
inline constinit thread_local std::array<BlockList, block_size_max / block_size_step> block_lists{};

/// The rare cases: a list is empty, or full.
void* refill_blocks(std::size_t index);
void free_to_full_list(void* block, std::size_t index) noexcept;

/// Memory for objects that come and go all the time: coroutine frames, tasks, futures, callbacks.
/// Blocks are cut from slabs, one size from one slab, without a header of their own; one list for
/// each multiple of 8 bytes up to 2 KiB holds those that were freed, each thread with lists of its
/// own. What a list may not hold goes to a store that all threads share, in many blocks at a time,
/// and a slab that is whole again goes back to the system. What is larger is the heap's at once. A
/// block may be freed on another thread. Under AddressSanitizer everything is the heap's, so that
/// it sees a use of what was freed.
///
/// A block is aligned to 16 bytes if its size is a multiple of 16, else to 8: what an object of
/// that size can need, short of an alignment of its own.
inline void* allocate_block(std::size_t size) {
  if (!has_block_pool || size > block_size_max) return ::operator new(size);
  const std::size_t index = (size - 1) / block_size_step;
  BlockList& list = block_lists[index];
  FreeBlock* const block = list.first;
  if (!block) [[unlikely]]
    return refill_blocks(index);
  list.first = block->next;
  ++list.room;
  return block;
}

/// With the size that it was allocated with.
inline void free_block(void* block, std::size_t size) noexcept {
  if (!has_block_pool || size > block_size_max) return ::operator delete(block);
  const std::size_t index = (size - 1) / block_size_step;
  BlockList& list = block_lists[index];
  if (list.room == 0) [[unlikely]]
    return free_to_full_list(block, index);
  --list.room;
  list.first = ::new (block) FreeBlock{list.first};
}

}  // namespace aio::detail
