#include "primed/inspection.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>

namespace primed {

namespace {

/// A terminal shows no more of them.
constexpr std::size_t described_max = 200;

nlohmann::ordered_json to_json(const aio::CodePlace& place) {
  nlohmann::ordered_json json;
  if (!place.function.empty()) json["function"] = place.function;
  json["file"] = place.file;
  json["line"] = place.line;
  return json;
}

nlohmann::ordered_json to_json(const aio::TaskInfo& task) {
  nlohmann::ordered_json json;
  json["id"] = task.id;
  json["name"] = task.name;
  json["state"] = task.state;
  if (!task.waits_for.empty()) json["waits_for"] = task.waits_for;
  json["age_ms"] = std::chrono::duration<double, std::milli>(task.age).count();
  json["cancelling"] = task.cancelling;
  if (task.made_at) json["made_at"] = to_json(*task.made_at);
  json["stack"] = nlohmann::ordered_json::array();
  for (const aio::CodePlace& place : task.stack) json["stack"].push_back(to_json(place));
  json["awaited_by"] = nlohmann::ordered_json::array();
  for (const aio::AwaitedBy& by : task.awaited_by) {
    nlohmann::ordered_json awaited;
    awaited["through"] = by.through;
    if (by.task != 0) awaited["task"] = by.task;
    json["awaited_by"].push_back(std::move(awaited));
  }
  return json;
}

}  // namespace

std::vector<aio::TaskInfo> inspect(const Options& options) {
  try {
    return aio::inspect_process(options.process);
  } catch (const std::system_error& error) {
    const std::string who = "process " + std::to_string(options.process);
    if (error.code() == std::errc::no_such_process) {
      throw Exit(ExitCode::unavailable, "there is no " + who);
    }
    if (error.code() == std::errc::connection_refused) {
      throw Exit(ExitCode::unavailable, who + " is no primed that runs or serves a list");
    }
    if (error.code() == std::errc::permission_denied) {
      throw Exit(ExitCode::no_permission, who + " belongs to another user");
    }
    throw Exit(ExitCode::unavailable, who + ": " + error.what());
  }
}

ExitCode print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return written && std::fflush(stdout) == 0 ? ExitCode::success : ExitCode::output_failed;
}

std::string to_json(const std::vector<aio::TaskInfo>& tasks) {
  std::string text = "[";
  for (const aio::TaskInfo& task : tasks) {
    text += (text.size() == 1 ? "\n" : ",\n");
    // A name may hold any bytes.
    text += to_json(task).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  return text + "\n]\n";
}

std::string describe_tasks(aio::EventLoop& loop) {
  std::vector<aio::TaskInfo> tasks = aio::capture_tasks(loop);
  const std::size_t count = tasks.size();
  if (count > described_max) tasks.resize(described_max);
  std::string text = aio::format_task_tree(tasks);
  if (count > described_max)
    text += "and " + std::to_string(count - described_max) + " more tasks\n";
  return text;
}

}  // namespace primed
