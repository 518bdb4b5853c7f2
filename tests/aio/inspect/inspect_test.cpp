#include "aio/inspect.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "aio/inspect/wire.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"

using namespace std::chrono_literals;
using aio::CallGraph;
using aio::Coro;
using aio::Future;
using aio::Task;
using aio::TaskInfo;
using support::turns;

namespace {

unsigned leaf_line = 0;
unsigned middle_line = 0;

Coro<void> leaf() {
  leaf_line = __LINE__ + 1;
  co_await aio::sleep(1h);
}

Coro<void> middle(int) {
  co_await aio::sleep(0);
  middle_line = __LINE__ + 1;
  co_await leaf();
}

TaskInfo info_of(const std::string& name) {
  for (TaskInfo& task : aio::capture_tasks(aio::get_running_loop())) {
    if (task.name == name) return std::move(task);
  }
  FAIL("no task ", name);
  return {};
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a task's coroutines are listed from the outermost to the one that waits") {
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(middle(1), "m");
    const unsigned made_line = __LINE__ - 1;
    co_await turns(3);
    const TaskInfo info = info_of("m");
    REQUIRE(info.stack.size() == 2);
    CHECK(info.stack[0].function == "middle");
    CHECK(info.stack[0].line == middle_line);
    CHECK(holds(info.stack[0].file, "inspect_test.cpp"));
    CHECK(info.stack[1].function == "leaf");
    CHECK(info.stack[1].line == leaf_line);
    CHECK(info.state == "waiting");
    CHECK(info.waits_for == "sleep");
    REQUIRE(info.made_at);
    CHECK(info.made_at->line == made_line);
    CHECK(info.stack[1].to_string() == "leaf() inspect_test.cpp:" + std::to_string(leaf_line));
    task.cancel();
  });
}

TEST_CASE("a coroutine that has ended leaves its task's list") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = []() -> Coro<void> {
      co_await turns(2);
      co_await aio::sleep(1h);
    };
    const auto task = aio::create_task(body(), "t");
    co_await turns(2);
    CHECK(info_of("t").stack.size() == 2);
    co_await turns(4);
    CHECK(info_of("t").stack.size() == 1);
    task.cancel();
  });
}

TEST_CASE("a coroutine that an exception has left leaves its task's list") {
  aio::testing::run([]() -> Coro<void> {
    const auto fail = []() -> Coro<void> {
      co_await aio::sleep(0);
      throw std::runtime_error("no luck");
    };
    const auto body = [](Coro<void> failing) -> Coro<void> {
      try {
        co_await std::move(failing);
      } catch (const std::runtime_error&) {
      }
      co_await aio::sleep(1h);
    };
    const auto task = aio::create_task(body(fail()), "t");
    co_await turns(3);
    CHECK(info_of("t").stack.size() == 1);
    task.cancel();
  });
}

TEST_CASE("a task is new or ready or running or waiting") {
  aio::testing::run([]() -> Coro<void> {
    const auto body = [](Future<void> future) -> Coro<void> { co_await future; };
    auto future = aio::get_running_loop().create_future();
    const auto task = aio::create_task(body(future), "t");
    CHECK(info_of("t").state == "new");
    CHECK(info_of(aio::current_task().get_name()).state == "running");
    co_await turns(1);
    CHECK(info_of("t").state == "waiting");
    CHECK(info_of("t").waits_for == "future");
    future.set_result();
    CHECK(info_of("t").state == "ready");
    CHECK(info_of("t").waits_for.empty());
    co_await task;
    CHECK(aio::capture_tasks(aio::get_running_loop()).size() == 1);
  });
}

TEST_CASE("what is waited for has a word") {
  aio::testing::run([]() -> Coro<void> {
    const auto sleeping = aio::create_task(leaf(), "sleeping");
    const auto on_task = [](Task<void> task) -> Coro<void> { co_await task; };
    const auto on_gather = [](Task<void> task) -> Coro<void> { co_await aio::gather(task); };
    const auto on_wait = [](Task<void> task) -> Coro<void> {
      const std::vector tasks{task};
      co_await aio::wait(tasks);
    };
    const auto on_thread = [](Future<void> future) -> Coro<void> { co_await future; };
    std::stop_source stop;
    const auto until_stop = [](const std::stop_token& stopped) {
      while (!stopped.stop_requested()) std::this_thread::yield();
    };
    auto pool = aio::get_running_loop().run_in_executor(nullptr, until_stop);
    const std::vector others{aio::create_task(on_task(sleeping), "on task"),
                             aio::create_task(on_gather(sleeping), "on gather"),
                             aio::create_task(on_wait(sleeping), "on wait"),
                             aio::create_task(on_thread(pool), "on thread")};
    co_await turns(2);
    CHECK(info_of("on task").waits_for == "task");
    CHECK(info_of("on gather").waits_for == "gather");
    CHECK(info_of("on wait").waits_for == "wait");
    CHECK(info_of("on thread").waits_for == "executor");
    CHECK(info_of("on wait").stack.size() == 1);  // aio's own coroutines are not shown
    pool.cancel();
    for (const auto& task : others) task.cancel();
  });
}

TEST_CASE("a task's age and its count of cancellations are known") {
  aio::testing::run([]() -> Coro<void> {
    const auto stubborn = []() -> Coro<void> {
      for (int i = 0; i < 2; ++i) {
        try {
          co_await aio::sleep(1h);
        } catch (const aio::CancelledError&) {
        }
      }
    };
    co_await aio::sleep(30s);
    const auto task = aio::create_task(stubborn(), "t");
    co_await aio::sleep(90s);
    task.cancel();
    const TaskInfo info = info_of("t");
    CHECK(info.age == 90s);
    CHECK(info.cancelling == 1);
    co_await turns(2);
    task.cancel();
    co_await task;
  });
}

// --- Call graphs

TEST_CASE("a call graph lists the coroutines of a task and who awaits it [Z1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto on_task = [](Task<void> task) -> Coro<void> { co_await task; };
    const auto task = aio::create_task(middle(1), "core");
    const auto first = aio::create_task(on_task(task), "first");
    const auto second = aio::create_task(on_task(first), "second");
    co_await turns(3);
    const CallGraph graph = aio::capture_call_graph(task);
    CHECK(graph.what == "Task 'core'");
    CHECK(graph.future == task);
    CHECK(graph.waits_for == "sleep");
    REQUIRE(graph.stack.size() == 2);
    CHECK(graph.stack[1].function == "leaf");
    REQUIRE(graph.awaited_by.size() == 1);
    CHECK(graph.awaited_by[0].what == "Task 'first'");
    CHECK(graph.awaited_by[0].waits_for == "task");
    REQUIRE(graph.awaited_by[0].awaited_by.size() == 1);
    CHECK(graph.awaited_by[0].awaited_by[0].what == "Task 'second'");
    CHECK(graph.awaited_by[0].awaited_by[0].awaited_by.empty());
    task.cancel();
    co_await turns(3);
  });
}

TEST_CASE("a call graph goes through gather and wait and knows callbacks [Z1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto on_gather = [](Task<void> task) -> Coro<void> { co_await aio::gather(task); };
    const auto on_wait = [](Task<void> task) -> Coro<void> {
      const std::vector tasks{task};
      co_await aio::wait(tasks);
    };
    const auto task = aio::create_task(leaf(), "core");
    task.add_done_callback([](const aio::AnyFuture&) {});
    const auto gathering = aio::create_task(on_gather(task), "gathering");
    const auto waiting = aio::create_task(on_wait(task), "waiting");
    co_await turns(2);
    const CallGraph graph = aio::capture_call_graph(task);
    REQUIRE(graph.awaited_by.size() == 3);
    CHECK(graph.awaited_by[0].what == "callback");
    CHECK(graph.awaited_by[1].what == "gather");
    REQUIRE(graph.awaited_by[1].awaited_by.size() == 1);
    CHECK(graph.awaited_by[1].awaited_by[0].what == "Task 'gathering'");
    CHECK(graph.awaited_by[2].what == "wait");
    REQUIRE(graph.awaited_by[2].awaited_by.size() == 1);
    CHECK(graph.awaited_by[2].awaited_by[0].what == "Task 'waiting'");

    const TaskInfo info = info_of("core");
    REQUIRE(info.awaited_by.size() == 3);
    CHECK(info.awaited_by[0].through == "callback");
    CHECK(info.awaited_by[1].through == "gather");
    CHECK(info.awaited_by[1].task == info_of("gathering").id);
    CHECK(info.awaited_by[2].through == "wait");
    task.cancel();
    co_await turns(3);
  });
}

TEST_CASE("a call graph goes through shield and race and TaskGroup and timeout [Z1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto on_shield = [](Task<void> task) -> Coro<void> { co_await aio::shield(task); };
    const auto on_race = [](Task<void> task) -> Coro<void> { co_await aio::race(task); };
    const auto on_timeout = [](Task<void> task) -> Coro<void> { co_await aio::wait_for(task, 1h); };
    Task<void> child;
    const auto on_group = [&child]() -> Coro<void> {
      const auto body = [&child](aio::TaskGroup& group) -> Coro<void> {
        child = group.create_task(leaf(), "child");
        co_return;
      };
      co_await aio::with(aio::TaskGroup(), body);
    };
    const auto in_group = aio::create_task(aio::TaskOptions("grouping"), on_group);
    co_await turns(2);
    const std::vector others{aio::create_task(on_shield(child), "shielding"),
                             aio::create_task(on_race(child), "racing"),
                             aio::create_task(on_timeout(child), "limiting")};
    co_await turns(2);
    std::map<std::string, std::string> through;  // by the name of who waits in the end
    for (const aio::AwaitedBy& edge : info_of("child").awaited_by) {
      for (const auto& task : aio::capture_tasks(aio::get_running_loop())) {
        if (task.id == edge.task) through[task.name] = edge.through;
      }
    }
    CHECK(through["grouping"] == "TaskGroup");
    CHECK(through["shielding"] == "shield");
    CHECK(through["racing"] == "race");
    CHECK(through.contains("limiting"));
    child.cancel();
    for (const auto& task : others) task.cancel();
    co_await turns(5);
  });
}

TEST_CASE("locks and queues have their words too") {
  aio::testing::run([]() -> Coro<void> {
    aio::Lock lock;
    aio::Queue<int> queue;
    const auto on_lock = [](aio::Lock& held) -> Coro<void> { co_await held.acquire(); };
    const auto on_queue = [](aio::Queue<int>& empty) -> Coro<void> { co_await empty.get(); };
    co_await lock.acquire();
    const std::vector tasks{aio::create_task(on_lock(lock), "on lock"),
                            aio::create_task(on_queue(queue), "on queue")};
    co_await turns(2);
    CHECK(info_of("on lock").waits_for == "lock");
    CHECK(info_of("on queue").waits_for == "queue");
    for (const auto& task : tasks) task.cancel();
    co_await turns(2);
  });
}

TEST_CASE("a callback may say for whom it waits and by what means [Z1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(leaf(), "child");
    const auto handle = task.add_done_callback([](const aio::AnyFuture&) {});
    handle.serve(*aio::current_task().state(), "TaskGroup");
    co_await turns(1);
    const CallGraph graph = aio::capture_call_graph(task);
    REQUIRE(graph.awaited_by.size() == 1);
    CHECK(graph.awaited_by[0].what == "TaskGroup");
    REQUIRE(graph.awaited_by[0].awaited_by.size() == 1);
    CHECK(graph.awaited_by[0].awaited_by[0].future == aio::current_task());
    CHECK(info_of("child").awaited_by[0].through == "TaskGroup");
    CHECK(info_of("child").awaited_by[0].task != 0);
    task.cancel();
  });
}

TEST_CASE("a call graph of the running task is that of current_task [Z1]") {
  aio::testing::run([]() -> Coro<void> {
    const auto graph = aio::capture_call_graph();
    REQUIRE(graph);
    CHECK(graph->future == aio::current_task());
    CHECK(graph->stack.size() == 1);
    CHECK(aio::format_call_graph() == aio::format_call_graph(aio::current_task()));
    bool empty = false;
    aio::get_running_loop().call_soon(
        [&empty] { empty = !aio::capture_call_graph() && aio::format_call_graph().empty(); });
    co_await turns(1);
    CHECK(empty);
  });
}

TEST_CASE("a call graph as text names places and stops at a circle [Z1] [Z2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto wait_for = [](std::vector<aio::AnyTask>& tasks, std::size_t i) -> Coro<void> {
      co_await aio::sleep(0);
      const std::vector other{tasks[i]};
      co_await aio::wait(other);
    };
    std::vector<aio::AnyTask> tasks;
    tasks.emplace_back(aio::create_task(wait_for(tasks, 1), "A"));
    tasks.emplace_back(aio::create_task(wait_for(tasks, 0), "B"));
    co_await turns(3);
    const std::string text = aio::format_call_graph(tasks[0]);
    CHECK(holds(text, "* Task 'A', waits for wait\n"));
    CHECK(holds(text, "inspect_test.cpp:"));
    CHECK(holds(text, "* Task 'B', waits for wait\n"));
    CHECK(holds(text, "* Task 'A' (a circle: see above)\n"));
    const CallGraph graph = aio::capture_call_graph(tasks[0]);
    const CallGraph& again =
        graph.awaited_by.at(0).awaited_by.at(0).awaited_by.at(0).awaited_by.at(0);
    CHECK(again.future == tasks[0]);
    CHECK(again.is_repeated);
    CHECK(again.awaited_by.empty());
    const std::string tree = aio::format_task_tree(aio::get_running_loop());
    CHECK(holds(tree, "tasks that wait for each other, for ever: 'A' -> 'B' -> 'A'\n"));
    CHECK(holds(tree, "(T) A (see above)"));
    const std::string table = aio::format_task_table(aio::get_running_loop());
    CHECK(holds(table, "A (wait)"));
    CHECK(holds(table, "B (wait)"));
    tasks[0].cancel();
    co_await turns(4);
  });
}

TEST_CASE("unnamed tasks have their number and control characters are not printed [Z2]") {
  aio::testing::run([]() -> Coro<void> {
    const auto unnamed = aio::create_task(leaf());
    const auto named = aio::create_task(leaf(), "tab\tnewline\nbackslash\\escape\x1b[2J");
    const std::string name = unnamed.get_name();
    CHECK(info_of(name).name == name);
    CHECK(info_of(named.get_name()).id == info_of(name).id + 1);
    co_await turns(1);
    const std::string table = aio::format_task_table(aio::get_running_loop());
    CHECK(holds(table, "tab?newline?backslash\\escape?[2J"));
    CHECK(holds(table, name));
    unnamed.cancel();
    named.cancel();
  });
}

// --- The lines in between

TEST_CASE("lines about tasks that are cut or strange are refused") {
  using aio::detail::read_tasks;
  CHECK(read_tasks("aio\t1\nend\n").empty());
  const std::string task = "task\t1\tready\t\t0\t5\tname\n";
  CHECK(read_tasks("aio\t1\n" + task + "end\n").size() == 1);
  for (const std::string& lines :
       {std::string(), std::string("aio\t2\nend\n"), "aio\t1\n" + task, "aio\t1\n" + task + "end",
        std::string("aio\t1\nframe\tf\tg\t1\nend\n"), "aio\t1\n" + task + "odd\nend\n",
        std::string("aio\t1\ntask\tx\tready\t\t0\t5\tn\nend\n")}) {
    CHECK_THROWS_AS(read_tasks(lines), aio::RuntimeError);
  }
}

TEST_CASE("memory that is too small is told from memory that is enough") {
  aio::EventLoop loop;
  const auto task = loop.create_task(leaf(), std::string(1000, 'x'));
  std::string memory(500, '\0');
  aio::detail::WireBuffer small(memory.data(), memory.size());
  aio::detail::write_tasks(loop.state(), small);
  CHECK(small.is_full());
  CHECK(small.written().size() == memory.size());
  CHECK(aio::capture_tasks(loop).front().name.size() == 1000);
  task.cancel();
  loop.run_until_complete(support::turns(2));
}
