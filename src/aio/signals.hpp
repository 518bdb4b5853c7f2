#pragma once

#include <uv.h>

#include <functional>
#include <map>
#include <memory>

#include "aio/detail/callback.hpp"
#include "uv_handle.hpp"

namespace aio::detail {

/// The signal handlers of a loop, one for a signal. A handler is made ready for every signal that
/// libuv reports.
class Signals {
 public:
  Signals(LoopState& loop, uv_loop_t* uv);
  ~Signals();

  /// Returns what cancels the handler.
  Ref<Callback> set(int signal, std::function<void()> handler);
  bool remove(int signal);
  void clear();

 private:
  struct Handler;
  void on_signal(Handler& handler);

  LoopState& loop_;
  uv_loop_t* uv_;
  std::map<int, std::unique_ptr<Handler>> handlers_;
};

}  // namespace aio::detail
