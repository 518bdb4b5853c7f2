#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "support/memory_file.hpp"
#include "support/streams.hpp"
#include "support/temporary_folder.hpp"

using aio::Coro;
using aio::subprocess::DEVNULL;
using aio::subprocess::Options;
using aio::subprocess::PIPE;
using aio::subprocess::Process;
using aio::subprocess::STDOUT;
using support::code_of;
using support::make_bytes;
using support::Outcome;
using support::outcome_of;
using support::turns;
using support::what_of;

namespace {

using Output = std::pair<std::string, std::string>;

constexpr std::size_t plenty = 3 << 20;  // more than any pipe holds

Options piped() { return Options().stdin(PIPE).stdout(PIPE).stderr(PIPE); }

std::vector<std::string> arguments(std::string only) {
  return std::vector<std::string>(1, std::move(only));
}

Coro<Process> shell(std::string command) {
  return aio::create_subprocess_shell(std::move(command), piped());
}

/// Runs until its stdin ends, and says when it does.
Coro<Process> waiting_child() { return shell("echo ready; read line; exit 3"); }

/// Neither running nor a zombie.
bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

/// No child is left, dead or alive.
bool has_no_children() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }

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
    std::optional<Process> process = co_await waiting_child();
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

TEST_CASE("a program that is not there is a system_error that names it") {
  aio::run([]() -> Coro<void> {
    const auto open = support::count_descriptors();
    const Outcome missing =
        co_await outcome_of(aio::create_subprocess_exec("no-such-program", {}, piped()));
    CHECK(code_of(missing) == std::errc::no_such_file_or_directory);
    CHECK(what_of(missing).find("cannot start no-such-program") == 0);
    const Outcome folder = co_await outcome_of(aio::create_subprocess_exec("/"));
    CHECK(code_of(folder) == std::errc::permission_denied);
    const Outcome nowhere = co_await outcome_of(
        aio::create_subprocess_exec("true", {}, Options().cwd("/no/such/folder")));
    CHECK(code_of(nowhere) == std::errc::no_such_file_or_directory);
    CHECK(what_of(nowhere).find("/no/such/folder") != std::string::npos);
    co_await turns(3);
    CHECK(support::count_descriptors() <= open + 3);  // what the loop keeps for signals and streams
    CHECK(has_no_children());
  });
}

TEST_CASE("options that make no sense are a ValueError") {
  aio::run([]() -> Coro<void> {
    const Outcome input =
        co_await outcome_of(aio::create_subprocess_exec("true", {}, Options().stdin(STDOUT)));
    const Outcome output =
        co_await outcome_of(aio::create_subprocess_exec("true", {}, Options().stdout(STDOUT)));
    const Outcome descriptor =
        co_await outcome_of(aio::create_subprocess_exec("true", {}, Options().stderr(-1)));
    const Outcome limit =
        co_await outcome_of(aio::create_subprocess_exec("true", {}, piped().limit(0)));
    const Outcome zero =
        co_await outcome_of(aio::create_subprocess_exec("true", arguments(std::string("a\0b", 3))));
    for (const Outcome* outcome : {&input, &output, &descriptor, &limit, &zero}) {
      CHECK(outcome->threw<aio::ValueError>());
    }
  });
}

TEST_CASE("arguments go to the program as they are") {
  aio::run([]() -> Coro<void> {
    std::vector<std::string> words = arguments("%s|");
    words.emplace_back("two words");
    words.emplace_back("$HOME; \"");
    words.emplace_back("");
    const Process process =
        co_await aio::create_subprocess_exec("printf", std::move(words), Options().stdout(PIPE));
    const Output output = co_await process.communicate();
    CHECK(output.first == "two words|$HOME; \"||");
  });
}

TEST_CASE("a child has the folder and environment that it is given") {
  const support::TemporaryFolder folder;
  aio::run([&]() -> Coro<void> {
    Options options = Options().stdout(PIPE).cwd(folder.path().string());
    options.env({{"GREETING", "hello"}});
    const Process process =
        co_await aio::create_subprocess_shell("pwd -P; echo $GREETING $HOME", options);
    const Output output = co_await process.communicate();
    CHECK(output.first == std::filesystem::canonical(folder.path()).string() + "\nhello\n");
  });
}

TEST_CASE("stderr goes where stdout goes and DEVNULL is empty and takes all") {
  aio::run([]() -> Coro<void> {
    Options together = Options().stdin(DEVNULL).stdout(PIPE).stderr(STDOUT);
    const Process one =
        co_await aio::create_subprocess_shell("cat; echo out; echo err >&2", together);
    const Output both = co_await one.communicate();
    CHECK(both.first == "out\nerr\n");
    const Process other = co_await aio::create_subprocess_shell(
        "echo out; echo err >&2", Options().stdout(DEVNULL).stderr(STDOUT));
    const int code = co_await other.wait();
    CHECK(code == 0);
    CHECK_THROWS_AS(static_cast<void>(other.stdin()), aio::RuntimeError);
    CHECK_THROWS_AS(static_cast<void>(other.stdout()), aio::RuntimeError);
    CHECK_THROWS_AS(static_cast<void>(one.stderr()), aio::RuntimeError);
  });
}

TEST_CASE("a stream may be a file descriptor which stays the caller's") {
  const support::MemoryFile input("from a file\n");
  const support::MemoryFile output;
  aio::run([&]() -> Coro<void> {
    const Process process = co_await aio::create_subprocess_exec(
        "cat", {}, Options().stdin(input.fd()).stdout(output.fd()));
    static_cast<void>(co_await process.wait());
  });
  CHECK(output.text() == "from a file\n");
  CHECK(::fcntl(input.fd(), F_GETFD) != -1);
}

TEST_CASE("a child may open its stdin again") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("cat /dev/stdin > /dev/stdout");
    const Output output = co_await process.communicate("data");
    CHECK(output.first == "data");
  });
}

TEST_CASE("write_eof ends the input of a child") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("cat");
    process.stdin().write(make_bytes(plenty));
    process.stdin().write_eof();
    const std::string output = co_await process.stdout().read();
    CHECK(output.size() == plenty);
    co_await process.stdin().wait_closed();
    const int code = co_await process.wait();
    CHECK(code == 0);
  });
}

TEST_CASE("a child that nobody reads from is held up and not stored") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await aio::create_subprocess_shell(
        "head -c 3145728 /dev/zero; echo done >&2", piped().limit(1'000));
    for (int i = 0; i < 20; ++i) co_await aio::sleep(std::chrono::milliseconds(1));
    CHECK_FALSE(process.returncode());
    const std::string all = co_await process.stdout().read();
    CHECK(all.size() == plenty);
  });
}

TEST_CASE("a child may lead a session of its own") {
  aio::run([]() -> Coro<void> {
    const Process with = co_await aio::create_subprocess_shell(
        "read line", Options().stdin(PIPE).start_new_session(true));
    const Process without = co_await aio::create_subprocess_shell("read line", piped());
    CHECK(::getsid(with.pid()) == with.pid());
    CHECK(::getsid(without.pid()) == ::getsid(0));
  });
}

TEST_CASE("a child does not inherit what the parent does with signals") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("kill -s PIPE $$; echo survived");
    const Output output = co_await process.communicate();
    CHECK(output.first.empty());
    CHECK(process.returncode() == -SIGPIPE);
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
  CHECK(support::count_descriptors() <= open + 2);  // libuv's own pipe for signals
}

TEST_CASE("many children at once are all accounted for") {
  aio::run([]() -> Coro<void> {
    std::vector<aio::Task<int>> waits;
    for (int i = 0; i < 30; ++i) {
      const Process process = co_await aio::create_subprocess_shell("exit " + std::to_string(i));
      waits.push_back(aio::create_task(process.wait()));
    }
    for (int i = 0; i < 30; ++i) {
      const int code = co_await waits[static_cast<std::size_t>(i)];
      CHECK(code == i);
    }
    CHECK(has_no_children());
  });
}
