#pragma once

#include <uv.h>

#include <atomic>

#include "aio/future.hpp"
#include "aio/loop/loop_core.hpp"
#include "aio/loop/uv_handle.hpp"

namespace aio::detail {

/// While it lives, SIGINT cancels `main` instead of ending the program, and the second one ends it;
/// if this is the program's main thread, and SIGINT has its default action. Else it does
/// nothing. There is one at a time: on the main thread no loop runs inside another.
class InterruptScope {
 public:
  InterruptScope(LoopCore& loop, const AnyFuture& main);
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
  ~InterruptScope();

  /// Once main is done: whether a SIGINT ended it. A main that was cancelled by others
  /// too, or that failed, was not ended by it.
  bool has_ended_main() const;

 private:
  static void on_signal(int signal);
  static bool is_wanted();
  void install();
  void cancel_main();

  const AnyFuture main_;
  std::atomic<unsigned> count_ = 0;
  bool delivered_ = false;
  bool installed_ = false;
  Ref<Callback> cancel_;
  UvHandle<uv_async_t> wake_;
};

}  // namespace aio::detail
