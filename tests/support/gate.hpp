#pragma once

#include <semaphore>

namespace support {

/// Work that says when it has started, and ends when it may.
struct Gate {
  void operator()() {
    started.release();
    go.acquire();
  }
  std::binary_semaphore started{0};
  std::binary_semaphore go{0};
};

}  // namespace support
