#include "aio/inspect/wire.hpp"

#include <algorithm>
#include <charconv>

#include "aio/core/code_place.hpp"
#include "aio/core/task_view.hpp"

namespace aio::detail {

// --- Writing, which is safe in a signal handler

void WireBuffer::put(char c) noexcept {
  if (used_ == size_) {
    full_ = true;
  } else {
    memory_[used_++] = c;
  }
}

void WireBuffer::text(std::string_view text) noexcept {
  for (const char c : text) put(c);
}

void WireBuffer::field(std::string_view text) noexcept {
  put('\t');
  for (const char c : text) {
    const char escaped = c == '\t' ? 't' : c == '\n' ? 'n' : c == '\\' ? '\\' : '\0';
    if (escaped != '\0') put('\\');
    put(escaped != '\0' ? escaped : c);
  }
}

void WireBuffer::field(std::uint64_t number) noexcept {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  static_cast<void>(error);
  field(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

namespace {

void write_name(const TaskCore& task, WireBuffer& out) noexcept {
  if (const std::string* const name = task.given_name()) return out.field(*name);
  out.field("Task-");
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, task.number());
  static_cast<void>(error);
  out.text(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

void write_place(const std::source_location& place, WireBuffer& out) noexcept {
  out.field(place.file_name());
  out.field(place.line());
  out.text("\n");
}

void write_task(const LoopState& loop, const TaskCore& task, TimePoint now,
                WireBuffer& out) noexcept {
  const std::string_view state = state_of(loop, task);
  out.text("task");
  out.field(task.number());
  out.field(state);
  out.field(state == "waiting" ? task.waiter()->word() : "");
  out.field(task.cancelling());
  const auto age = std::max((now - task.made_when()).count(), Duration::rep{0});
  out.field(static_cast<std::uint64_t>(age));
  write_name(task, out);
  out.text("\n");
  if (const std::source_location made_at = task.made_at(); made_at.line() != 0) {
    out.text("made");
    write_place(made_at, out);
  }
  for (const CoroFrame* frame = task.innermost(); frame; frame = frame->caller()) {
    if (frame->has_outcome()) continue;  // it is about to end
    const std::source_location where = frame->where();
    out.text("frame");
    out.field(where.function_name());
    write_place(where, out);
  }
  visit_awaiting(const_cast<TaskCore&>(task).future(),
                 [&out](const char* word, const TaskCore* awaiting) {
                   out.text("by");
                   out.field(word);
                   out.field(awaiting ? awaiting->number() : 0);
                   out.text("\n");
                 });
}

}  // namespace

void write_tasks(const LoopState& loop, WireBuffer& out) noexcept {
  const TimePoint now = loop.now();
  out.text("aio\t1\n");
  for (const TaskCore& task : loop.tasks) {
    if (out.is_full()) break;
    write_task(loop, task, now, out);
  }
  out.text("end\n");
}

// --- Reading

namespace {

[[noreturn]] void reject() { throw RuntimeError("these are no lines about tasks"); }

std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      plain += text[i] == 't' ? '\t' : text[i] == 'n' ? '\n' : text[i];
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// One line, split into its fields.
class Fields {
 public:
  explicit Fields(std::string_view line) {
    while (true) {
      const std::size_t tab = line.find('\t');
      fields_.push_back(line.substr(0, tab));
      if (tab == std::string_view::npos) break;
      line.remove_prefix(tab + 1);
    }
  }
  bool is(std::string_view word, std::size_t count) const {
    return fields_.size() == count + 1 && fields_.front() == word;
  }
  std::string text(std::size_t i) const { return unescape(fields_[i]); }
  template <class T>
  T number(std::size_t i) const {
    T value{};
    const char* const end = fields_[i].data() + fields_[i].size();
    const auto [stop, error] = std::from_chars(fields_[i].data(), end, value);
    if (error != std::errc() || stop != end) reject();
    return value;
  }

 private:
  std::vector<std::string_view> fields_;
};

CodePlace read_place(std::string function, std::string file, unsigned line) {
  CodePlace place;
  place.function = short_function(function);
  place.file = std::move(file);
  place.line = line;
  return place;
}

TaskInfo read_task(const Fields& line) {
  TaskInfo task;
  task.id = line.number<std::uint64_t>(1);
  task.state = line.text(2);
  task.waits_for = line.text(3);
  task.cancelling = line.number<unsigned>(4);
  task.age = Duration(line.number<Duration::rep>(5));
  task.name = line.text(6);
  return task;
}

void read_about(TaskInfo& task, const Fields& line) {
  if (line.is("made", 2)) {
    task.made_at = read_place({}, line.text(1), line.number<unsigned>(2));
  } else if (line.is("frame", 3)) {
    CodePlace place = read_place(line.text(1), line.text(2), line.number<unsigned>(3));
    if (!is_internal(place.function)) task.stack.insert(task.stack.begin(), std::move(place));
  } else if (line.is("by", 2)) {
    AwaitedBy by;
    by.through = line.text(1);
    by.task = line.number<std::uint64_t>(2);
    task.awaited_by.push_back(std::move(by));
  } else {
    reject();
  }
}

}  // namespace

std::vector<TaskInfo> read_tasks(std::string_view lines) {
  std::vector<TaskInfo> tasks;
  bool begun = false;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) reject();
    const Fields line(lines.substr(0, end));
    lines.remove_prefix(end + 1);
    if (!begun) {
      begun = line.is("aio", 1) && line.text(1) == "1";
      if (!begun) reject();
    } else if (line.is("end", 0)) {
      return tasks;
    } else if (line.is("task", 6)) {
      tasks.push_back(read_task(line));
    } else {
      if (tasks.empty()) reject();
      read_about(tasks.back(), line);
    }
  }
  reject();
}

std::vector<CodePlace> stack_of(const TaskCore& task) {
  std::vector<CodePlace> stack;
  for (const CoroFrame* frame = task.innermost(); frame; frame = frame->caller()) {
    if (frame->has_outcome()) continue;  // it is about to end
    const std::source_location where = frame->where();
    CodePlace place = read_place(where.function_name(), where.file_name(), where.line());
    if (!is_internal(place.function)) stack.push_back(std::move(place));
  }
  std::reverse(stack.begin(), stack.end());
  return stack;
}

}  // namespace aio::detail
