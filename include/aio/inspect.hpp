#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/event_loop.hpp"

namespace aio {

/// A place in the source: for a coroutine, the `co_await` that it has reached.
struct CodePlace {
  std::string function;  ///< without parameters: `count_down`
  std::string file;      ///< as the compiler was given it
  unsigned line = 0;

  /// `count_down() countdown.cpp:12`
  std::string to_string() const;
};

/// Why one task waits for another.
struct AwaitedBy {
  std::string through;     ///< "task", "gather", "wait", …; "callback" for a plain callback
  std::uint64_t task = 0;  ///< the waiting task, as TaskInfo::id; 0 where it is no task
};

/// A task as it was at one moment.
struct TaskInfo {
  std::uint64_t id = 0;  ///< unique in its process: the number of `Task-<number>`
  std::string name;
  std::string state;      ///< "new", "ready", "running" or "waiting"
  std::string waits_for;  ///< of a waiting one: "sleep", "future", "task", "gather", …
  unsigned cancelling = 0;
  Duration age{};
  std::optional<CodePlace> made_at;
  std::vector<CodePlace> stack;  ///< its coroutines, outermost first
  std::vector<AwaitedBy> awaited_by;
};

/// The tasks of `loop` that have not ended, oldest first. On the loop's thread.
std::vector<TaskInfo> capture_tasks(EventLoop& loop);

/// The tasks as a tree, as `python -m asyncio pstree` draws it: below each task its coroutines, and
/// below them the tasks that it waits for. Tasks that wait for each other in a circle are named.
std::string format_task_tree(const std::vector<TaskInfo>& tasks);
std::string format_task_tree(EventLoop& loop);

/// The tasks as a table, one a line.
std::string format_task_table(const std::vector<TaskInfo>& tasks);
std::string format_task_table(EventLoop& loop);

/// A future with its waiters; for a task also the place where it is.
struct CallGraph {
  AnyFuture future;              ///< empty for a plain callback
  std::string what;              ///< "Task 'A'", "gather", "wait", "future", "callback"
  std::vector<CodePlace> stack;  ///< of a task: its coroutines, outermost first
  std::string waits_for;         ///< of a waiting task: "sleep", "gather", …
  std::vector<CallGraph> awaited_by;
  bool is_repeated = false;  ///< it stands further up: a circle, which ends here
};

/// The graph of a future or task; without one, of the task that is running, empty if none is. On
/// the loop's thread.
CallGraph capture_call_graph(const AnyFuture& future);
std::optional<CallGraph> capture_call_graph();

/// The same as text, empty if there is nothing.
std::string format_call_graph(const AnyFuture& future);
std::string format_call_graph();

/// The same on `file`.
void print_call_graph(const AnyFuture& future, std::FILE* file = stdout);
void print_call_graph(std::FILE* file = stdout);

/// Lets other processes see the tasks of a loop, while it runs, waits, or is stuck in a call that
/// blocks: while this lives, `inspect_process` and `primed ps` can ask. They have to belong to the
/// same user, or to root.
///
/// A thread of its own answers on an abstract Unix socket that is named by the process id, so there
/// can be one in a process. The tasks are looked at on the loop's own thread, by the handler of a
/// real-time signal that nobody else uses: nothing else is slowed down, but a system call that
/// blocks the loop's thread may return EINTR where the system does not restart it.
///
/// Made and destroyed on the loop's thread. Throws std::system_error (address_in_use) if there is
/// one already, RuntimeError if no signal is free. Linux only.
class InspectServer {
 public:
  explicit InspectServer(EventLoop& loop);
  InspectServer(const InspectServer&) = delete;
  InspectServer& operator=(const InspectServer&) = delete;
  ~InspectServer();

 private:
  class Watcher;
  std::unique_ptr<Watcher> watcher_;
};

/// The tasks of a process that has an InspectServer. Blocks until it answers, for some seconds at
/// most. Throws std::system_error: no_such_process, connection_refused if it has no InspectServer,
/// permission_denied if it belongs to another user, timed_out if its thread does not answer.
std::vector<TaskInfo> inspect_process(pid_t process);

}  // namespace aio
