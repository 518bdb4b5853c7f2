#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>

#include "jobs/parse.hpp"
#include "primed/commands.hpp"
#include "primed/exit_code.hpp"
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
  }
  return ExitCode::internal;
}

ExitCode start(int argc, char** argv) {
  // 1. A reader that goes away is an error of that write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  // 2. What to do: the command line, then the environment.
  const std::optional<primed::Options> options = primed::read_options(argc, argv);
  // 3. Do it.
  return options ? perform(*options) : ExitCode::success;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return static_cast<int>(start(argc, argv));
  } catch (const primed::Exit& exit) {
    std::fprintf(stderr, "primed: %s\n", exit.what());
    return static_cast<int>(exit.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "primed: internal error: %s\n", error.what());
    return static_cast<int>(ExitCode::internal);
  }
}
