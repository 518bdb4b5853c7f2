#pragma once

#include <uv.h>

#include <functional>
#include <map>
#include <memory>

#include "aio/detail/callback.hpp"
#include "aio/loop/uv_handle.hpp"

namespace aio::detail {

/// The signal handlers of a loop, one for a signal. Every signal that libuv reports makes a call
/// ready, which goes to the handler that the signal has when the call's turn comes.
class Signals {
 public:
  Signals(LoopState& loop, uv_loop_t* uv);
  ~Signals();

  /// Returns a function that cancels the handler.
  Ref<Callback> set(int signal, std::function<void()> handler);
  bool remove(int signal);
  void clear();

 private:
  class Handler;
  struct CaughtSignal;
  void on_signal(int signal);
  void call_handler(int signal);

  LoopState& loop_;
  uv_loop_t* uv_;
  std::map<int, std::unique_ptr<CaughtSignal>> caught_;
};

}  // namespace aio::detail
