#pragma once

#include <functional>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

#include "aio/context.hpp"

namespace aio {

class EventLoop;

/// The options of `create_task` beside the coroutine: a name alone, or several words in a chain.
///
///     create_task(work(), "worker");
///     create_task(work(), TaskOptions("worker").eager_start());
class TaskOptions {
 public:
  TaskOptions() {}
  TaskOptions(std::string name) : name_(std::move(name)) {}
  TaskOptions(const char* name) : name_(name) {}

  /// The name of the task; `Task-<number>` if empty.
  TaskOptions name(std::string name) && {
    name_ = std::move(name);
    return std::move(*this);
  }

  /// Whether the task takes its first step inside `create_task`, before that returns; if this is
  /// not said, the loop's task factory decides, and without one it does not.
  ///
  /// The body then runs until it first waits, and as `current_task()`. If it never waits the task
  /// is done when `create_task` returns, and the loop never sees it. Where its loop does not run,
  /// the task starts in the loop's next turn all the same.
  TaskOptions eager_start(bool eager = true) && {
    eager_start_ = eager;
    return std::move(*this);
  }

  /// The context that the task runs in, itself and not a copy; else it is a copy of the maker's.
  TaskOptions context(Context context) && {
    context_ = std::move(context);
    return std::move(*this);
  }

  /// Where in the source it is made, for reports; create_task says so itself.
  TaskOptions made_at(std::source_location place) && {
    made_at_ = place;
    return std::move(*this);
  }

  const std::string& get_name() const { return name_; }
  std::optional<bool> get_eager_start() const { return eager_start_; }
  const std::optional<Context>& get_context() const { return context_; }
  const std::source_location& get_made_at() const { return made_at_; }

 private:
  std::string name_;
  std::optional<bool> eager_start_;
  std::optional<Context> context_;
  std::source_location made_at_{};
};

/// What a loop does with the options of each task that is made on it, before it is made. In Python
/// a task factory makes the task itself; here the type of a task follows from its coroutine, and
/// what is left to decide is in the options. What it throws, `create_task` throws.
using TaskFactory = std::function<void(EventLoop&, TaskOptions&)>;

/// The task factory that starts every task eagerly, unless its maker said `eager_start(false)`.
inline void eager_task_factory(EventLoop&, TaskOptions& options) {
  if (!options.get_eager_start()) options = std::move(options).eager_start();
}

}  // namespace aio
