#include "primed/signals.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <vector>

#include "support/loop_test.hpp"

namespace {

using namespace std::chrono_literals;
using primed::ExitCode;

/// Catches the signals for one test.
class Caught {
 public:
  Caught() { primed::catch_signals(); }
  Caught(const Caught&) = delete;
  Caught& operator=(const Caught&) = delete;
  ~Caught() {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) {
      std::signal(signal, SIG_DFL);
    }
  }
};

/// How a process ends that does this.
int status_of_process(const std::function<void()>& action) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    action();
    ::_exit(99);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace

TEST_SUITE_BEGIN("signals");

TEST_CASE("signals that come before anybody listens are kept, in their order") {
  const Caught caught;
  std::raise(SIGUSR2);
  std::raise(SIGTERM);
  std::raise(SIGTERM);
  std::vector<int> heard;
  aio::EventLoop loop;
  primed::listen_to_signals(loop, [&](int signal) { heard.push_back(signal); });
  while (heard.size() < 3) loop.run_until_complete(aio::sleep(1ms));
  std::raise(SIGHUP);
  while (heard.size() < 4) loop.run_until_complete(aio::sleep(1ms));
  CHECK(heard == std::vector<int>{SIGUSR2, SIGTERM, SIGTERM, SIGHUP});
  loop.close();
}

TEST_CASE("a signal that comes after the loop ends nothing") {
  const Caught caught;
  {
    aio::EventLoop loop;
    primed::listen_to_signals(loop, [](int) {});
    loop.close();
  }
  std::raise(SIGTERM);
  std::raise(SIGUSR1);
  std::vector<int> heard;  // and is there for the next one
  aio::EventLoop loop;
  primed::listen_to_signals(loop, [&](int signal) { heard.push_back(signal); });
  while (heard.size() < 2) loop.run_until_complete(aio::sleep(1ms));
  loop.close();
}

TEST_CASE("once the work is done the next signal to stop ends the program, with its code") {
  const Caught caught;
  const int status = status_of_process([] {
    primed::exit_at_next_signal(ExitCode::work_left);
    std::raise(SIGUSR1);
    std::raise(SIGUSR2);
    std::raise(SIGTERM);
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 75);
}

TEST_CASE("to die of a signal is to end as it does by default, blocked or not") {
  const Caught caught;
  const int status = status_of_process([] {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    primed::die_of(SIGTERM);
  });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
}
