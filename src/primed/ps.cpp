#include "primed/commands.hpp"
#include "primed/inspection.hpp"

namespace primed {

ExitCode ps(const Options& options) {
  const std::vector<aio::TaskInfo> tasks = inspect(options);
  return print(options.as_json ? to_json(tasks) : aio::format_task_table(tasks));
}

}  // namespace primed
