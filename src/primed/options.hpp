#pragma once

#include <sys/types.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "jobs/job.hpp"
#include "primed/exit_code.hpp"

namespace primed {

/// The commands of the program.
enum class Command { run, serve, check, schema, ps, pstree };

/// The format of the job list.
enum class InputFormat { automatic, json, ndjson };

/// The command line and the environment, read. A setting that neither of them has is empty.
struct Options {
  Command command = Command::run;
  std::string jobs;  ///< a path, or `-`
  InputFormat input = InputFormat::automatic;
  jobs::Settings settings;
  pid_t process = 0;     ///< of ps and pstree: the process to look at
  bool as_json = false;  ///< of ps
};

/// Ends the program at once, with a message to print and an exit code.
class Exit : public std::runtime_error {
 public:
  Exit(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Reads the command line, then the environment for the settings that it leaves open. Empty if the
/// user asked for help or the version, which are printed. Throws Exit (usage) for a wrong command
/// line and (bad_configuration) for a wrong value in the environment.
std::optional<Options> read_options(int argc, char** argv);

/// `settings`, with those that they leave open taken from `list`.
jobs::Settings or_else(jobs::Settings settings, const jobs::Settings& list);

}  // namespace primed
