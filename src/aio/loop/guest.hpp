#pragma once

#include <uv.h>

#include "aio/loop/uv_handle.hpp"

namespace aio::detail {

class LoopCore;

/// Makes the turns of a loop from inside a `uv_run` of another owner: one after each time that it
/// has polled. While aio itself runs the loop, it only keeps libuv from waiting when a turn is due.
class Guest {
 public:
  Guest(LoopCore& loop, uv_loop_t* uv);

 private:
  void before_poll();
  void after_poll();
  void keep_from_waiting();

  LoopCore& loop_;
  UvHandle<uv_prepare_t> prepare_;
  UvHandle<uv_check_t> check_;
  UvHandle<uv_idle_t> idle_;  // active while a turn has to be made: then uv_run does not wait
};

}  // namespace aio::detail
