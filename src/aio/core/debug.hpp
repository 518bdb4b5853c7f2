#pragma once

#include <chrono>
#include <source_location>
#include <string>

#include "aio/detail/future_state.hpp"
#include "aio/detail/loop_state.hpp"
#include "aio/detail/ref.hpp"
#include "aio/detail/task_core.hpp"

namespace aio::detail {

/// Whether the environment asks for debug mode: AIO_DEBUG is neither empty nor 0.
bool is_debug_wanted() noexcept;

/// Times one step of a task, or a callback where `task` is null, and reports it if it was slow.
class StepWatch {
 public:
  StepWatch(LoopState& loop, TaskCore* task);
  StepWatch(const StepWatch&) = delete;
  StepWatch& operator=(const StepWatch&) = delete;
  ~StepWatch();

 private:
  void report(Duration duration) const;
  std::string path_of_step() const;

  LoopState& loop_;
  TaskCore* task_;
  Ref<FutureBase> future_;  // keeps the task
  std::source_location began_;
  bool had_started_ = false;
  std::chrono::steady_clock::time_point start_;
};

/// The known facts of a task that has not ended: ` (made at …; waits at …; awaited by …)`.
std::string describe_leftover(TaskCore& task);

}  // namespace aio::detail
