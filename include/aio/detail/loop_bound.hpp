#pragma once

#include "aio/detail/loop_state.hpp"

namespace aio::detail {

/// What the tasks of one loop may use and no others: of the loop in which it is first awaited. Once
/// that one is closed, another may have it.
class LoopBound {
 public:
  explicit LoopBound(const char* name) : name_(name) {}

  /// Throws RuntimeError if it is another loop's.
  void bind(LoopState& loop) {
    if (loop_.get() != &loop) [[unlikely]]
      rebind(loop);
  }

  /// Only once a task has been bound to it.
  LoopState& loop() const { return *loop_; }

  /// Throws RuntimeError in a run of a loop whose it is not.
  void require_here() const;

 private:
  void rebind(LoopState& loop);
  [[noreturn]] void refuse() const;

  Ref<LoopState> loop_;
  const char* name_;
};

}  // namespace aio::detail
