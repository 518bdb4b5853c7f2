// The tests of worker processes, which are copies of this program.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <string>

#include "process_functions.hpp"

namespace {

/// Has two workers, one busy and one idle, says so in the folder, and is killed.
int hold_and_die(const std::string& folder) {
  aio::EventLoop loop;
  const aio::ProcessPoolExecutor pool(2);
  const auto held = loop.run_in_executor(pool, functions::hold_there, folder + "/busy");
  const auto idle = loop.run_until_complete(loop.run_in_executor(pool, functions::own_pid_there));
  functions::append(folder + "/idle", std::to_string(idle));
  static_cast<void>(loop.run_until_complete(support::holders(folder + "/busy", 1)));
  return raise(SIGKILL);
}

}  // namespace

int main(int argc, char** argv) {
  if (aio::is_process_worker()) return aio::process_worker_main();
  if (argc == 3 && std::string(argv[1]) == "--hold-and-die") return hold_and_die(argv[2]);
  return doctest::Context(argc, argv).run();
}
