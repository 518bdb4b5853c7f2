#pragma once

#include <malloc.h>

#include <cstddef>

namespace support {

/// Bytes that the program has on the heap; nothing under sanitizers, which have a heap of their
/// own.
inline std::size_t heap_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace support
