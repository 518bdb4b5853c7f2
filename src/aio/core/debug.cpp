#include "aio/core/debug.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <vector>

#include "aio/core/code_place.hpp"
#include "aio/core/task_view.hpp"

namespace aio::detail {

namespace {

std::string join(const std::vector<std::string>& parts, const char* separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

std::string seconds(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", std::chrono::duration<double>(duration).count());
  return text;
}

/// The innermost coroutine that is the user's; the innermost of all if none is.
const CoroFrame* innermost_of_user(const TaskCore& task) {
  for (const CoroFrame* frame = task.innermost(); frame; frame = frame->caller()) {
    if (frame->has_outcome()) continue;  // it is about to end
    if (!is_internal(short_function(frame->where().function_name()))) return frame;
  }
  return task.innermost();
}

std::string where_made(const TaskCore& task) {
  const std::source_location made_at = task.made_at();
  return made_at.line() == 0 ? "" : "made at " + short_place(made_at);
}

}  // namespace

bool is_debug_wanted() noexcept {
  const char* const value = std::getenv("AIO_DEBUG");
  return value && *value != '\0' && std::string_view(value) != "0";
}

// --- Slow steps

StepWatch::StepWatch(LoopState& loop, TaskCore* task) : loop_(loop), task_(task) {
  if (task) {
    future_ = Ref<FutureBase>(task->future());
    had_started_ = task->has_started();
    if (const CoroFrame* const frame = innermost_of_user(*task)) began_ = frame->where();
  }
  start_ = std::chrono::steady_clock::now();
}

StepWatch::~StepWatch() {
  const Duration duration = std::chrono::steady_clock::now() - start_;
  if (duration >= loop_.slow_callback_duration) report(duration);
}

std::string StepWatch::path_of_step() const {
  std::string path = "from ";
  if (had_started_) {
    path += short_place(began_);
  } else {
    const std::string made = where_made(*task_);
    path += "its start" + (made.empty() ? "" : " (" + made + ")");
  }
  const CoroFrame* const frame = innermost_of_user(*task_);
  return path + " to " + (frame ? short_place(frame->where()) : "its end");
}

void StepWatch::report(Duration duration) const {
  const std::string who = task_ ? future_->describe() : "A callback";
  const std::string step = task_ ? " in one step, " + path_of_step() : "";
  loop_.report({who + " took " + seconds(duration) + " seconds" + step +
                    ": a blocking call keeps the whole loop waiting; use await sleep or to_thread",
                nullptr, task_ ? who : "callback"});
}

// --- Other faults that go unseen

void report_never_awaited(const CoroFrame& frame) noexcept {
  // What an exception takes along was not forgotten.
  if (std::uncaught_exceptions() > 0) return;
  LoopState* const loop = running_loop();
  if (loop ? !loop->debug : !is_debug_wanted()) return;
  const std::string function = short_function(frame.where().function_name());
  const ExceptionContext context{
      "coroutine '" + function + "' was never awaited (" + short_place(frame.where()) + ")",
      nullptr, function};
  loop ? loop->report(context) : print_report(context);
}

void report_swallowed_cancellation(TaskCore& task) {
  FutureBase& future = task.future();
  if (task.cancelling() == 0 || future.cancelled() || future.has_exception()) return;
  const std::string who = future.describe();
  const std::string made = where_made(task);
  task.loop().report({who + " was " + task.last_request().describe() +
                          "; it swallowed the CancelledError and ended as if nothing had happened" +
                          (made.empty() ? "" : " (" + made + ")") +
                          ": let it pass, or call uncancel()",
                      nullptr, who});
}

std::string describe_leftover(TaskCore& task) {
  std::vector<std::string> parts;
  if (const std::string made = where_made(task); !made.empty()) parts.push_back(made);
  const std::string_view state = state_of(task.loop(), task);
  const CoroFrame* const frame = innermost_of_user(task);
  if (state == "new") {
    parts.emplace_back("it had not started");
  } else if (frame) {
    const std::source_location& where = frame->where();
    std::string wait = short_function(where.function_name()) + "() waits at " + short_place(where);
    if (state == "waiting") wait += std::string(" for ") + task.waiter()->word();
    parts.push_back(std::move(wait));
  }
  std::vector<std::string> awaiting;
  visit_awaiting(task.future(), [&awaiting](const char* word, const TaskCore* by) {
    const std::string how = std::string_view(word) == "task" ? "" : std::string(" in ") + word;
    awaiting.push_back(by ? "Task '" + by->name() + "'" + how : word);
  });
  if (!awaiting.empty()) parts.push_back("awaited by " + join(awaiting, ", "));
  if (task.cancelling() > 0) parts.push_back("already " + task.last_request().describe());
  return parts.empty() ? "" : " (" + join(parts, "; ") + ")";
}

}  // namespace aio::detail
