#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>

#include "aio/inspect.hpp"

namespace aio {

namespace {

/// Deeper chains of tasks are cut: they are not read, and each level costs stack.
constexpr int depth_max = 100;

/// As a terminal may be shown it.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return text;
}

std::string format_age(Duration age) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1fs", std::chrono::duration<double>(age).count());
  return text;
}

/// How the tasks wait for each other.
class WaitGraph {
 public:
  explicit WaitGraph(const std::vector<TaskInfo>& tasks) : tasks_(tasks) {
    for (std::size_t i = 0; i < tasks.size(); ++i) by_id_.emplace(tasks[i].id, i);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      for (const AwaitedBy& by : tasks[i].awaited_by) {
        if (by_id_.contains(by.task)) awaited_[by_id_.at(by.task)].insert({by.through, i});
      }
    }
  }

  using Awaited = std::set<std::pair<std::string, std::size_t>>;  // how, and which task

  /// The tasks that a task waits for.
  const Awaited& awaited(std::size_t task) const {
    static const Awaited none;
    const auto found = awaited_.find(task);
    return found == awaited_.end() ? none : found->second;
  }

  /// A task that waits for this one; itself if none does.
  std::size_t awaiting(std::size_t task) const {
    for (const AwaitedBy& by : tasks_[task].awaited_by) {
      if (by_id_.contains(by.task)) return by_id_.at(by.task);
    }
    return task;
  }
  bool is_awaited(std::size_t task) const {
    return std::any_of(tasks_[task].awaited_by.begin(), tasks_[task].awaited_by.end(),
                       [this](const AwaitedBy& by) { return by_id_.contains(by.task); });
  }

  /// Adds a task and all that it waits for, at any distance.
  void reach(std::size_t task, std::vector<bool>& reached) const {
    std::vector<std::size_t> left{task};
    while (!left.empty()) {
      const std::size_t next = left.back();
      left.pop_back();
      if (reached[next]) continue;
      reached[next] = true;
      for (const auto& [how, other] : awaited(next)) left.push_back(other);
    }
  }

  /// The circle that one comes to from `task` by asking who waits: each waits for the next.
  std::vector<std::size_t> circle(std::size_t task) const {
    std::vector<std::size_t> path;
    while (std::find(path.begin(), path.end(), task) == path.end()) {
      path.push_back(task);
      task = awaiting(task);
    }
    path.erase(path.begin(), std::find(path.begin(), path.end(), task));
    std::reverse(path.begin(), path.end());
    std::rotate(path.begin(), std::min_element(path.begin(), path.end()), path.end());
    return path;
  }

 private:
  const std::vector<TaskInfo>& tasks_;
  std::map<std::uint64_t, std::size_t> by_id_;
  std::map<std::size_t, Awaited> awaited_;
};

/// A line of the tree with the lines below it.
struct Node {
  std::string label;
  std::vector<Node> children;

  Node& add(std::string text) {
    children.push_back({std::move(text), {}});
    return children.back();
  }
};

class TaskTree {
 public:
  explicit TaskTree(const std::vector<TaskInfo>& tasks) : tasks_(tasks), graph_(tasks) {}

  std::string format() {
    std::vector<bool> reached(tasks_.size(), false);
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (graph_.is_awaited(i)) continue;
      graph_.reach(i, reached);
      draw_root(i);
    }
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (reached[i]) continue;
      const std::vector<std::size_t> circle = graph_.circle(i);
      name_circle(circle);
      graph_.reach(circle.front(), reached);
      draw_root(circle.front());
    }
    return text_;
  }

 private:
  void name_circle(const std::vector<std::size_t>& circle) {
    text_ += "tasks that wait for each other, for ever: ";
    for (const std::size_t task : circle) text_ += "'" + printable(tasks_[task].name) + "' -> ";
    text_ += "'" + printable(tasks_[circle.front()].name) + "'\n";
  }

  void draw_root(std::size_t task) {
    Node root;
    add_task(root, task, 0);
    text_ += root.children.front().label + "\n";
    draw_children(root.children.front(), "");
  }

  void draw_children(const Node& node, const std::string& indent) {
    for (const Node& child : node.children) {
      const bool last = &child == &node.children.back();
      text_ += indent + (last ? "└── " : "├── ") + child.label + "\n";
      draw_children(child, indent + (last ? "    " : "│   "));
    }
  }

  std::string label(const TaskInfo& task) const {
    std::string text = "(T) " + printable(task.name);
    if (task.state != "waiting") text += ", " + task.state;
    if (task.cancelling > 0) text += ", cancelling " + std::to_string(task.cancelling);
    return text + ", " + format_age(task.age);
  }

  void add_task(Node& parent, std::size_t index, int depth) {
    const TaskInfo& task = tasks_[index];
    if (!drawn_.insert(index).second) {
      parent.add("(T) " + printable(task.name) + " (see above)");
      return;
    }
    Node* node = &parent.add(label(task));
    if (depth == depth_max) {
      node->add("…");
      return;
    }
    if (task.state == "new" && task.made_at) node->add("made at " + task.made_at->to_string());
    if (task.state != "new") {
      for (const CodePlace& place : task.stack) node = &node->add(printable(place.to_string()));
    }
    add_awaited(*node, index, depth);
  }

  /// The tasks that a task waits for, below the word that says how; directly where it just awaits.
  void add_awaited(Node& node, std::size_t index, int depth) {
    std::map<std::string, std::vector<std::size_t>> awaited;
    for (const auto& [how, task] : graph_.awaited(index)) awaited[how].push_back(task);
    const std::string& word = tasks_[index].waits_for;
    if (!word.empty() && !awaited.contains(word)) node.add(printable(word));
    for (const auto& [how, tasks] : awaited) {
      Node& below = how == "task" ? node : node.add(printable(how));
      for (const std::size_t task : tasks) add_task(below, task, depth + 1);
    }
  }

  const std::vector<TaskInfo>& tasks_;
  WaitGraph graph_;
  std::set<std::size_t> drawn_;
  std::string text_;
};

// --- The table

constexpr std::size_t columns = 7;
using Row = std::array<std::string, columns>;

/// Characters, where each takes one column.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string names_of_awaiting(const TaskInfo& task,
                              const std::map<std::uint64_t, std::string>& names) {
  std::string text;
  for (const AwaitedBy& by : task.awaited_by) {
    const auto found = names.find(by.task);
    if (found == names.end()) continue;
    text += (text.empty() ? "" : ", ") + found->second;
    if (by.through != "task") text += " (" + by.through + ")";
  }
  return text.empty() ? "-" : text;
}

Row make_row(const TaskInfo& task, const std::map<std::uint64_t, std::string>& names) {
  std::string where = "-";
  if (task.state == "new" && task.made_at) {
    where = "made at " + task.made_at->to_string();
  } else if (!task.stack.empty()) {
    where = task.stack.back().to_string();
  }
  const std::string state = task.state == "waiting" ? task.waits_for : task.state;
  return {std::to_string(task.id),
          printable(task.name),
          printable(state),
          format_age(task.age),
          std::to_string(task.cancelling),
          printable(where),
          printable(names_of_awaiting(task, names))};
}

}  // namespace

std::string format_task_tree(const std::vector<TaskInfo>& tasks) {
  return TaskTree(tasks).format();
}

std::string format_task_table(const std::vector<TaskInfo>& tasks) {
  std::map<std::uint64_t, std::string> names;
  for (const TaskInfo& task : tasks) names.emplace(task.id, task.name);
  std::vector<Row> rows{{"ID", "NAME", "STATE", "AGE", "CANCELLING", "WHERE", "AWAITED BY"}};
  for (const TaskInfo& task : tasks) rows.push_back(make_row(task, names));
  std::array<std::size_t, columns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < columns; ++i) {
      text += row[i];
      text += i + 1 < columns ? std::string(widths[i] - width(row[i]) + 2, ' ') : "\n";
    }
  }
  return text;
}

}  // namespace aio
