#include "aio/inspect.hpp"

#include <algorithm>

#include "aio/core/code_place.hpp"
#include "aio/core/task_view.hpp"
#include "aio/inspect/wire.hpp"

namespace aio {

std::string CodePlace::to_string() const {
  const std::string place = std::string(detail::file_name(file)) + ":" + std::to_string(line);
  return function.empty() ? place : function + "() " + place;
}

std::vector<TaskInfo> capture_tasks(EventLoop& loop) {
  std::string memory(std::size_t{1} << 14, '\0');
  while (true) {
    detail::WireBuffer lines(memory.data(), memory.size());
    detail::write_tasks(loop.state(), lines);
    if (!lines.is_full()) return detail::read_tasks(lines.written());
    memory.resize(memory.size() * 4);
  }
}

std::string format_task_tree(EventLoop& loop) { return format_task_tree(capture_tasks(loop)); }
std::string format_task_table(EventLoop& loop) { return format_task_table(capture_tasks(loop)); }

namespace {

using detail::DoneNode;
using detail::FutureBase;
using detail::TaskCore;

/// Builds a graph from a future up to those that are not awaited.
class GraphBuilder {
 public:
  CallGraph build(FutureBase& future) {
    CallGraph graph;
    graph.future = AnyFuture(detail::Ref<FutureBase>(future));
    graph.what = future.word();
    if (const TaskCore* const task = future.as_task()) {
      graph.what = future.describe();
      graph.stack = detail::stack_of(*task);
      const std::string_view state = detail::state_of(future.loop(), *task);
      if (state == "waiting") graph.waits_for = task->waiter()->word();
    }
    graph.is_repeated = std::find(path_.begin(), path_.end(), &future) != path_.end();
    if (graph.is_repeated) return graph;
    path_.push_back(&future);
    for (const DoneNode* node = future.first_waiting(); node; node = node->next()) {
      graph.awaited_by.push_back(build_awaiting(*node));
    }
    path_.pop_back();
    return graph;
  }

 private:
  CallGraph build_awaiting(const DoneNode& node) {
    FutureBase* const waiting = node.awaiting_future();
    CallGraph graph;
    if (!waiting) {
      graph.what = "callback";
    } else if (!node.awaiting_word()) {
      graph = build(*waiting);
    } else {  // what is no future, such as a group of tasks, stands between
      graph.what = node.awaiting_word();
      graph.awaited_by.push_back(build(*waiting));
    }
    return graph;
  }

  std::vector<const FutureBase*> path_;
};

void append(std::string& text, const CallGraph& graph, const std::string& indent) {
  text += indent + "* " + graph.what;
  if (graph.is_repeated) {
    text += " (a circle: see above)\n";
    return;
  }
  if (!graph.waits_for.empty()) text += ", waits for " + graph.waits_for;
  text += "\n";
  if (!graph.stack.empty()) text += indent + "  + Coroutines, outermost first:\n";
  for (const CodePlace& place : graph.stack) text += indent + "  |   " + place.to_string() + "\n";
  if (!graph.awaited_by.empty()) text += indent + "  + Awaited by:\n";
  for (const CallGraph& awaiting : graph.awaited_by) append(text, awaiting, indent + "    ");
}

}  // namespace

CallGraph capture_call_graph(const AnyFuture& future) {
  return GraphBuilder().build(*future.state());
}

std::optional<CallGraph> capture_call_graph() {
  const AnyTask task = current_task();
  if (!task) return std::nullopt;
  return capture_call_graph(task);
}

std::string format_call_graph(const AnyFuture& future) {
  std::string text;
  append(text, capture_call_graph(future), "");
  return text;
}

std::string format_call_graph() {
  const AnyTask task = current_task();
  return task ? format_call_graph(task) : std::string();
}

void print_call_graph(const AnyFuture& future, std::FILE* file) {
  std::fputs(format_call_graph(future).c_str(), file);
}

void print_call_graph(std::FILE* file) { std::fputs(format_call_graph().c_str(), file); }

}  // namespace aio
