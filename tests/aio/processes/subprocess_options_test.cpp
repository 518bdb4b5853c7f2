#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "support/loop_test.hpp"
#include "support/memory_file.hpp"
#include "support/processes.hpp"
#include "support/streams.hpp"
#include "support/temporary_folder.hpp"

// How a child is started, and what it is given.

using namespace std::chrono_literals;
using aio::Coro;
using aio::subprocess::DEVNULL;
using aio::subprocess::Options;
using aio::subprocess::PIPE;
using aio::subprocess::Process;
using aio::subprocess::STDOUT;
using support::code_of;
using support::has_no_children;
using support::make_bytes;
using support::Outcome;
using support::outcome_of;
using support::Output;
using support::piped;
using support::plenty;
using support::shell;
using support::turns;
using support::what_of;

namespace {

std::vector<std::string> arguments(std::string only) {
  return std::vector<std::string>(1, std::move(only));
}

}  // namespace

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

TEST_CASE("a signal to a child that leads a session reaches what it has started too") {
  aio::run([]() -> Coro<void> {
    const auto options = Options().stdout(PIPE).start_new_session(true);
    for (const int signal : {SIGTERM, SIGKILL}) {
      const Process process =
          co_await aio::create_subprocess_shell("sleep 1000 & echo started; wait", options);
      const std::string started = co_await process.stdout().readline();
      CHECK(started == "started\n");
      process.send_signal(signal);
      // Both hold the pipe: it ends when both have.
      const Outcome end = co_await outcome_of(aio::wait_for(process.stdout().read(), 60s));
      CHECK(end.returned);
      const int code = co_await process.wait();
      CHECK(code == -signal);
    }
  });
}

TEST_CASE("a child without a session of its own gets a signal alone") {
  aio::run([]() -> Coro<void> {
    const auto options = Options().stdout(PIPE);
    const Process process =
        co_await aio::create_subprocess_shell("sleep 1000 & echo $!; wait", options);
    const pid_t grandchild = std::stoi(co_await process.stdout().readline());
    process.kill();
    const int code = co_await process.wait();
    CHECK(code == -SIGKILL);
    CHECK(::kill(grandchild, SIGKILL) == 0);
  });
}

TEST_CASE("dropping a child that leads a session ends what it has started too") {
  support::Pipe output;
  aio::run([&output]() -> Coro<void> {
    const auto options = Options().stdout(output.writer()).start_new_session(true);
    const Process process =
        co_await aio::create_subprocess_shell("sleep 1000 & echo started; wait", options);
    auto readable = aio::get_running_loop().create_future();
    aio::get_running_loop().add_reader(output.reader(), [readable] { readable.set_result(); });
    co_await readable;
    aio::get_running_loop().remove_reader(output.reader());
    CHECK(output.read() == "started\n");
  });
  output.close_writer();
  pollfd end{output.reader(), POLLIN, 0};
  CHECK(::poll(&end, 1, 60'000) == 1);
  CHECK((end.revents & POLLHUP) != 0);
}

TEST_CASE("a child does not inherit what the parent does with signals") {
  aio::run([]() -> Coro<void> {
    const Process process = co_await shell("kill -s PIPE $$; echo survived");
    const Output output = co_await process.communicate();
    CHECK(output.first.empty());
    CHECK(process.returncode() == -SIGPIPE);
  });
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
