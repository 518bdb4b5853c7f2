#pragma once

#include <cstddef>

namespace support {

/// Whether this program counts what it takes from the heap: not under sanitizers, which have a
/// heap of their own.
bool counts_malloc();

/// How often this program has taken memory from the heap, on all threads.
std::size_t malloc_count();

}  // namespace support
