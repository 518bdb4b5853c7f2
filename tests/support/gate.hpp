#pragma once

#include <atomic>
#include <semaphore>
#include <stop_token>
#include <thread>

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

/// Work that says when it has started, and ends when it is asked to stop.
struct UntilStopped {
  int operator()(const std::stop_token& stop) {
    started.release();
    while (!stop.stop_requested()) std::this_thread::yield();
    ++stopped;
    return 1;
  }
  std::binary_semaphore started{0};
  std::atomic<int> stopped = 0;
};

}  // namespace support
