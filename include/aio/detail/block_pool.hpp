#pragma once

#include <cstddef>

namespace aio::detail {

/// Memory for what comes and goes all the time: coroutine frames, tasks, futures, callbacks. Blocks
/// that were freed wait in a list of their size, one list for each multiple of 32 bytes up to 2
/// KiB, each thread with lists of its own; what is larger, or more than a list may hold, goes to
/// the heap. A block may be freed on another thread. Under AddressSanitizer everything is the
/// heap's, so that it sees a use of what was freed.
void* allocate_block(std::size_t size);
/// With the size that it was allocated with.
void free_block(void* block, std::size_t size) noexcept;

}  // namespace aio::detail
