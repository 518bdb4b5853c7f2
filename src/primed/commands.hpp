#pragma once

#include "primed/exit_code.hpp"
#include "primed/options.hpp"

namespace primed {

/// `primed run` and `primed serve`: works the list, until its end or until a signal.
ExitCode work(const Options& options);

/// `primed check`: reports every error in the list, and starts nothing.
ExitCode check(const Options& options);

/// `primed ps` and `primed pstree`: print the tasks of a running process as a table or as a tree.
ExitCode ps(const Options& options);
ExitCode pstree(const Options& options);

}  // namespace primed
