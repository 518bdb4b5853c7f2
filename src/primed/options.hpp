#pragma once

#include <sys/types.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "jobs/job.hpp"
#include "primed/exit_code.hpp"

namespace primed {

/// What the command line asks for.
enum class Command { run, serve, check, schema, ps, pstree };

/// How the job list is written.
enum class InputFormat { automatic, json, ndjson };

/// The command line and the environment, read. What neither of them says is empty.
struct Options {
  Command command = Command::run;
  std::string jobs;  ///< a path, or `-`
  InputFormat input = InputFormat::automatic;
  jobs::Settings settings;
  pid_t process = 0;     ///< of ps and pstree: which process to look at
  bool as_json = false;  ///< of ps
};

/// Ends the program at once: with what to print, and how to exit.
class Exit : public std::runtime_error {
 public:
  Exit(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Reads the command line, then the environment for what it does not say. Empty if the user asked
/// for help or the version: it is printed. Throws Exit (usage) for a wrong command line and
/// (bad_configuration) for a wrong value in the environment.
std::optional<Options> read_options(int argc, char** argv);

/// `settings` with what they leave open taken from `list`.
jobs::Settings or_else(jobs::Settings settings, const jobs::Settings& list);

}  // namespace primed
