#pragma once

#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "primed/exit_code.hpp"
#include "primed/options.hpp"

namespace primed {

/// The tasks of the process that `options` names. Throws Exit (unavailable, no_permission).
std::vector<aio::TaskInfo> inspect(const Options& options);

/// Prints `text` on standard output.
ExitCode print(const std::string& text);

/// The tasks as a JSON array, one object a line.
std::string to_json(const std::vector<aio::TaskInfo>& tasks);

/// The first tasks of `loop` as a tree, and how many more there are.
std::string describe_tasks(aio::EventLoop& loop);

}  // namespace primed
