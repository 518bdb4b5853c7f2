#include <doctest/doctest.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "support/processes.hpp"
#include "support/streams.hpp"

using aio::Coro;
using aio::subprocess::Process;
using support::code_of;
using support::has_no_children;
using support::is_gone;
using support::make_bytes;
using support::Outcome;
using support::outcome_of;
using support::Output;
using support::plenty;
using support::shell;
using support::turns;

namespace {

/// Runs until its stdin ends, and says when it does.
Coro<Process> waiting_child() { return shell("echo ready; read line; exit 3"); }

Coro<void> until_gone(pid_t pid) {
  while (!is_gone(pid)) co_await aio::sleep(std::chrono::milliseconds(1));
}

}  // namespace

TEST_CASE("communicate feeds stdin and collects both pipes [U1]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("cat; echo trouble >&2; exit 4");
    const Output output = co_await process.communicate("some data");
    CHECK(output.first == "some data");
    CHECK(output.second == "trouble\n");
    CHECK(process.returncode() == 4);
  });
}

TEST_CASE("communicate moves more than the pipes hold in all directions at once [U1]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("tee /dev/stderr");
    const std::string bytes = make_bytes(plenty);
    const Output output = co_await process.communicate(bytes);
    CHECK((output.first == bytes));
    CHECK((output.second == bytes));
  });
}

TEST_CASE("communicate without pipes waits for the process [U1]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await aio::create_subprocess_shell("exit 5");
    const Output output = co_await process.communicate("goes nowhere");
    CHECK(output.first.empty());
    CHECK(output.second.empty());
    CHECK(process.returncode() == 5);
  });
}

TEST_CASE("a stdin that the process does not read is ignored by communicate [U1]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("exec <&-; echo done");
    const Output output = co_await process.communicate(make_bytes(plenty));
    CHECK(output.first == "done\n");
    CHECK(process.returncode() == 0);
  });
}

TEST_CASE("a stdin that the process does not read is an error of drain [U1]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("exec <&-");
    process.stdin().write(make_bytes(plenty));
    const Outcome outcome = co_await outcome_of(process.stdin().drain());
    const bool told = code_of(outcome) == std::errc::broken_pipe ||
                      code_of(outcome) == std::errc::connection_reset;
    CHECK(told);
    const int code = co_await process.wait();
    CHECK(code == 0);
  });
}

TEST_CASE("a cancelled communicate leaves the process and what it has written [U1]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("echo first; read line; echo second; exit 3");
    const auto task = aio::create_task(outcome_of(process.communicate()));
    co_await turns(1);
    task.cancel();
    const Outcome outcome = co_await task;
    CHECK(outcome.cancelled);
    process.stdin().close();
    const std::string output = co_await process.stdout().read();
    const int code = co_await process.wait();
    CHECK(output == "first\nsecond\n");
    CHECK(code == 3);
  });
}

TEST_CASE("the returncode is there once the process has ended [U2]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await waiting_child();
    CHECK(process.pid() > 0);
    CHECK_FALSE(process.returncode());
    process.stdin().write("go on\n");
    const int code = co_await process.wait();
    CHECK(code == 3);
    CHECK(process.returncode() == 3);
    const int again = co_await process.wait();
    CHECK(again == 3);
    CHECK(is_gone(process.pid()));
  });
}

TEST_CASE("a process that a signal ended has its negative number [U2]") {
  aio::run([]() -> Coro<void> {
    const Process killed = co_await waiting_child();
    killed.kill();
    const Process terminated = co_await waiting_child();
    terminated.terminate();
    const Process signalled = co_await waiting_child();
    signalled.send_signal(SIGHUP);
    const int kill = co_await killed.wait();
    const int terminate = co_await terminated.wait();
    const int hang_up = co_await signalled.wait();
    CHECK(kill == -SIGKILL);
    CHECK(terminate == -SIGTERM);
    CHECK(hang_up == -SIGHUP);
  });
}

TEST_CASE("signals to a process that has ended are no_such_process [U2]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("exit 0");
    static_cast<void>(co_await process.wait());
    for (const int signal : {SIGTERM, SIGKILL, 0}) {
      try {
        process.send_signal(signal);
        FAIL("it was sent");
      } catch (const std::system_error& error) {
        CHECK(error.code() == std::errc::no_such_process);
      }
    }
    CHECK_THROWS_AS(process.terminate(), std::system_error);
    CHECK_THROWS_AS(process.kill(), std::system_error);
  });
}

TEST_CASE("a cancelled wait leaves the process [U2]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await waiting_child();
    const auto task = aio::create_task(outcome_of(process.wait()));
    co_await turns(2);
    task.cancel();
    const Outcome outcome = co_await task;
    CHECK(outcome.cancelled);
    CHECK_FALSE(process.returncode());
    process.stdin().close();
    const int code = co_await process.wait();
    CHECK(code == 3);
  });
}

TEST_CASE("concurrent waits all return [U2]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await waiting_child();
    std::vector<aio::Task<int>> waits;
    for (int i = 0; i < 10; ++i) waits.push_back(aio::create_task(process.wait()));
    co_await turns(2);
    waits[4].cancel();
    process.stdin().close();
    for (std::size_t i = 0; i < waits.size(); ++i) {
      const Outcome outcome = co_await outcome_of(waits[i]);
      CHECK(outcome.returned == (i != 4));
      if (i != 4) CHECK(waits[i].result() == 3);
    }
  });
}

TEST_CASE("wait returns while somebody else still holds the pipes [U2]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("cat <&0 & exit 6");  // the cat has both of them
    const int code = co_await process.wait();
    CHECK(code == 6);
    process.stdin().close();
    static_cast<void>(co_await process.stdout().read());
  });
}

TEST_CASE("dropping the last handle kills a running process and leaves no zombie [U2]") {
  aio::run([]() -> Coro<void> {
    std::optional<Process> process = co_await shell("echo ready; exec sleep 1000");
    const aio::StreamReader output = process->stdout();
    const aio::StreamWriter input = process->stdin();
    const pid_t pid = process->pid();
    std::optional<Process> copy = process;
    process.reset();
    const std::string ready = co_await output.readline();
    CHECK(ready == "ready\n");
    copy.reset();
    co_await until_gone(pid);
    const std::string end = co_await output.read();
    CHECK(end.empty());
    CHECK(input.is_closing());
    CHECK(has_no_children());
  });
}

TEST_CASE("a task that waits for a process keeps it [U2]") {
  aio::run([]() -> Coro<void> {
    std::optional<Process> process = co_await shell("read line; exit 3");
    const aio::StreamWriter input = process->stdin();
    const auto wait = aio::create_task(process->wait());
    process.reset();
    co_await turns(3);
    input.write("go on\n");
    const int code = co_await wait;
    CHECK(code == 3);
  });
}

TEST_CASE("dropping the handle of a finished process kills nobody [U2]") {
  aio::run([]() -> Coro<void> {
    std::optional<Process> process = co_await shell("exit 7");
    const int code = co_await process->wait();
    CHECK(code == 7);
    process.reset();
    CHECK(has_no_children());
  });
}

TEST_CASE("output is readable after the process has ended [U2]") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("echo one; echo two; echo three >&2");
    static_cast<void>(co_await process.wait());
    const std::string line = co_await process.stdout().readline();
    const std::string rest = co_await process.stdout().read();
    const std::string errors = co_await process.stderr().read();
    CHECK(line == "one\n");
    CHECK(rest == "two\n");
    CHECK(errors == "three\n");
  });
}

TEST_CASE("a loop that is closed kills and reaps its children [U2]") {
  const auto open = support::count_descriptors();
  std::optional<Process> process;
  std::optional<Process> unawaited;
  {
    aio::EventLoop loop;
    loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
    process = loop.run_until_complete(waiting_child());
    unawaited = loop.run_until_complete(shell("exit 0"));
    static_cast<void>(loop.run_until_complete(shell("read line")));
    const auto wait = loop.create_task(process->wait());
    loop.run_until_complete(turns(3));
    loop.close();
    CHECK(wait.cancelled());
  }
  CHECK(has_no_children());
  CHECK(process->returncode() == -SIGKILL);
  CHECK(unawaited->returncode());
  CHECK_THROWS_AS(process->kill(), std::system_error);
  CHECK(process->stdin().is_closing());
  process.reset();
  CHECK(support::count_descriptors() == open);
}
