#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "aio/inspect.hpp"

using namespace std::chrono_literals;
using aio::AwaitedBy;
using aio::TaskInfo;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A task as a test makes it up.
TaskInfo made_up(std::uint64_t id, const std::string& name, std::vector<std::uint64_t> by = {}) {
  TaskInfo task;
  task.id = id;
  task.name = name;
  task.state = "waiting";
  task.waits_for = "sleep";
  for (const std::uint64_t other : by) {
    AwaitedBy awaited;
    awaited.through = "task";
    awaited.task = other;
    task.awaited_by.push_back(awaited);
  }
  return task;
}

}  // namespace

TEST_CASE("a tree has below each task its coroutines and what they wait for [Z2]") {
  std::vector<TaskInfo> tasks{made_up(1, "main"), made_up(2, "A"), made_up(3, "B")};
  tasks[0].waits_for = "gather";
  tasks[0].age = 1500ms;
  aio::CodePlace place;
  place.function = "app";
  place.file = "/src/app.cpp";
  place.line = 7;
  tasks[0].stack.push_back(place);
  for (TaskInfo* child : {&tasks[1], &tasks[2]}) {
    AwaitedBy by;
    by.through = "gather";
    by.task = 1;
    child->awaited_by.push_back(by);
  }
  tasks[2].state = "running";
  tasks[2].waits_for.clear();
  tasks[2].cancelling = 2;
  CHECK(aio::format_task_tree(tasks) ==
        "(T) main, 1.5s\n"
        "└── app() app.cpp:7\n"
        "    └── gather\n"
        "        ├── (T) A, 0.0s\n"
        "        │   └── sleep\n"
        "        └── (T) B, running, cancelling 2, 0.0s\n");
  CHECK(aio::format_task_table(tasks) ==
        "ID  NAME  STATE    AGE   CANCELLING  WHERE            AWAITED BY\n"
        "1   main  gather   1.5s  0           app() app.cpp:7  -\n"
        "2   A     sleep    0.0s  0           -                main (gather)\n"
        "3   B     running  0.0s  2           -                main (gather)\n");
}

TEST_CASE("a circle of tasks is named and each of them is drawn once [Z2]") {
  const std::vector tasks{made_up(1, "outside", {3}), made_up(2, "B", {3}), made_up(3, "A", {2})};
  const std::string tree = aio::format_task_tree(tasks);
  CHECK(holds(tree, "tasks that wait for each other, for ever: 'B' -> 'A' -> 'B'\n"));
  CHECK(holds(tree, "(T) outside, 0.0s\n"));
  CHECK(holds(tree, "(T) B (see above)\n"));
  const std::vector alone{made_up(1, "self", {1})};
  CHECK(holds(aio::format_task_tree(alone), "for ever: 'self' -> 'self'\n"));
}

TEST_CASE("a task that two others wait for is drawn once and mentioned again [Z2]") {
  const std::vector tasks{made_up(1, "A"), made_up(2, "B"), made_up(3, "both", {1, 2})};
  const std::string tree = aio::format_task_tree(tasks);
  CHECK(holds(tree, "(T) both, 0.0s\n"));
  CHECK(holds(tree, "(T) both (see above)\n"));
}

TEST_CASE("a task whose awaiting task is unknown is a root of its own [Z2]") {
  const std::vector tasks{made_up(1, "orphan", {99})};
  CHECK(aio::format_task_tree(tasks) == "(T) orphan, 0.0s\n└── sleep\n");
  CHECK(holds(aio::format_task_table(tasks), "orphan"));
}

TEST_CASE("a very deep chain of tasks is cut and not followed to the end [Z2]") {
  std::vector<TaskInfo> tasks;
  for (std::uint64_t i = 1; i <= 20'000; ++i) {
    tasks.push_back(made_up(i, "t" + std::to_string(i)));
    if (i == 1) continue;
    AwaitedBy by;
    by.through = "task";
    by.task = i - 1;
    tasks.back().awaited_by.push_back(by);
  }
  const std::string tree = aio::format_task_tree(tasks);
  CHECK(holds(tree, "(T) t100, "));
  CHECK(holds(tree, "…\n"));
  CHECK_FALSE(holds(tree, "(T) t200, "));
  CHECK(holds(aio::format_task_table(tasks), "t20000"));
}

TEST_CASE("a tree without tasks is empty and a table has its heading") {
  CHECK(aio::format_task_tree(std::vector<TaskInfo>{}).empty());
  CHECK(holds(aio::format_task_table(std::vector<TaskInfo>{}), "NAME"));
}
