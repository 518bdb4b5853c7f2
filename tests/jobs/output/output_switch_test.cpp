#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "jobs/output/output_support.hpp"

namespace {

using jobs::Output;
using support::lines_of;
using support::MemoryFile;
using support::Pipe;
using support::read_slowly;
using support::run_turns;
using support::Writing;

}  // namespace

TEST_SUITE_BEGIN("output_switch");

TEST_CASE("a switch loses and splits no line") {
  Pipe pipe;
  const MemoryFile next;
  Writing writing(pipe.writer());
  const std::string before = lines_of(1'200'000);
  const std::string after = "first of the new\n" + lines_of(400'000);
  writing.output.write(before);
  const auto switched = writing.loop.create_task(writing.output.switch_to(next.fd()));
  run_turns(writing.loop, 3);
  CHECK_FALSE(switched.done());  // the pipe is full
  writing.output.write(after);
  const auto text =
      writing.loop.run_until_complete(read_slowly(pipe.reader(), before.size(), 5000));
  writing.loop.run_until_complete(switched);
  pipe.close_writer();
  writing.loop.run_until_complete(writing.output.flush());
  CHECK(text == before);
  CHECK(pipe.read().empty());
  CHECK(next.text() == after);
}

TEST_CASE("a switch comes about however busy the output is") {
  const MemoryFile old;
  const MemoryFile next;
  Writing writing(old.fd());
  const auto producing = writing.loop.create_task(
      [](Output& output) -> aio::Coro<void> {
        for (;;) {
          output.write("line\n");
          co_await aio::sleep(0);
        }
      },
      std::ref(writing.output));
  run_turns(writing.loop, 10);
  const auto switched = writing.loop.create_task(writing.output.switch_to(next.fd()));
  run_turns(writing.loop, 10);
  CHECK(switched.done());
  producing.cancel();
  run_turns(writing.loop, 3);
}

TEST_CASE("several switches at once happen in their order") {
  Pipe pipe;
  const std::array<MemoryFile, 3> files;
  Writing writing(pipe.writer());
  pipe.fill();
  writing.output.write("to the pipe\n");
  std::vector<aio::Task<void>> switches;
  for (const MemoryFile& file : files) {
    switches.push_back(writing.loop.create_task(writing.output.switch_to(file.fd())));
    run_turns(writing.loop, 2);
    writing.output.write("to file " + std::to_string(switches.size()) + "\n");
  }
  CHECK_FALSE(switches[0].done());
  while (!pipe.read().empty()) {
  }
  for (const auto& task : switches) writing.loop.run_until_complete(task);
  writing.loop.run_until_complete(writing.output.flush());
  CHECK(files[0].text() == "to file 1\n");
  CHECK(files[1].text() == "to file 2\n");
  CHECK(files[2].text() == "to file 3\n");
}

TEST_CASE("a switch of an output that failed ends at once") {
  Pipe pipe;
  const MemoryFile next;
  Writing writing(pipe.writer());
  writing.output.write(lines_of(500'000));
  const auto waiting = writing.loop.create_task(writing.output.switch_to(next.fd()));
  run_turns(writing.loop, 3);
  pipe.close_reader();
  writing.loop.run_until_complete(waiting);
  writing.loop.run_until_complete(writing.output.switch_to(next.fd()));
  CHECK(writing.output.error() == std::errc::broken_pipe);
  CHECK(next.text().empty());
}
