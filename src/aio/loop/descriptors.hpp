#pragma once

#include <uv.h>

#include <functional>
#include <map>
#include <memory>

#include "aio/detail/loop_state.hpp"
#include "aio/loop/uv_handle.hpp"

namespace aio::detail {

/// The file descriptors that a loop watches. libuv allows one poll handle a descriptor, so reader
/// and writer share it.
class Descriptors {
 public:
  enum class Direction { read, write };

  Descriptors(LoopState& loop, uv_loop_t* uv);
  ~Descriptors();

  void set(int fd, Direction direction, std::function<void()> callback);
  bool remove(int fd, Direction direction);
  void clear();

 private:
  struct WatchedDescriptor;
  void update(WatchedDescriptor& watch);

  LoopState& loop_;
  uv_loop_t* uv_;
  std::map<int, std::unique_ptr<WatchedDescriptor>> watched_;
};

}  // namespace aio::detail
