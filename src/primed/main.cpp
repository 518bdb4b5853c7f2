#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>

#include "aio/detail/standard_streams.hpp"
#include "jobs/list/schema.hpp"
#include "primed/commands.hpp"
#include "primed/exit_code.hpp"
#include "primed/messages.hpp"
#include "primed/options.hpp"

namespace {

using primed::Command;
using primed::ExitCode;

ExitCode print_schema() {
  const std::string_view schema = jobs::schema();
  const bool written = std::fwrite(schema.data(), 1, schema.size(), stdout) == schema.size();
  return written && std::fflush(stdout) == 0 ? ExitCode::success : ExitCode::output_failed;
}

ExitCode perform(const primed::Options& options) {
  switch (options.command) {
    case Command::run:
    case Command::serve: return primed::work(options);
    case Command::check: return primed::check(options);
    case Command::schema: return print_schema();
    case Command::ps: return primed::ps(options);
    case Command::pstree: return primed::pstree(options);
  }
  return ExitCode::internal;
}

ExitCode start(int argc, char** argv) {
  // 1. Standard streams that are closed stay useless, and nobody else's.
  aio::detail::fill_closed_streams();
  // 2. A reader that goes away is an error of that write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  // 3. What to do: the command line, then the environment.
  const std::optional<primed::Options> options = primed::read_options(argc, argv);
  // 4. Do it.
  return options ? perform(*options) : ExitCode::success;
}

/// A standard error that nobody reads does not keep the program from ending.
int end(ExitCode code, const std::string& message) {
  primed::Messages messages(STDERR_FILENO);
  messages.say(message);
  messages.flush(std::chrono::seconds(1));
  return static_cast<int>(code);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return static_cast<int>(start(argc, argv));
  } catch (const primed::Exit& exit) {
    return end(exit.code(), exit.what());
  } catch (const std::exception& error) {
    return end(ExitCode::internal, std::string("internal error: ") + error.what());
  }
}
