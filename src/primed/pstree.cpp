#include "primed/commands.hpp"
#include "primed/inspection.hpp"

namespace primed {

ExitCode pstree(const Options& options) { return print(aio::format_task_tree(inspect(options))); }

}  // namespace primed
