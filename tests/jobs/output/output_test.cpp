#include "jobs/output/output.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "jobs/output/output_support.hpp"
#include "support/heap.hpp"

namespace {

using namespace std::chrono_literals;
using jobs::Output;
using support::is_blocking;
using support::lines_of;
using support::make_blocking;
using support::MemoryFile;
using support::Pipe;
using support::read_slowly;
using support::run_turns;
using support::SocketPair;
using support::turns_in;
using support::Writing;

}  // namespace

TEST_SUITE_BEGIN("output");

TEST_CASE("what one turn gives leaves in order in one write at its end") {
  Pipe pipe;
  Writing writing(pipe.writer());
  writing.output.write("one\n");
  writing.output.write("two\nthree\n");
  writing.output.write("");
  CHECK(pipe.read().empty());
  CHECK_FALSE(writing.output.is_flushed());
  run_turns(writing.loop, 1);
  CHECK(pipe.read() == "one\ntwo\nthree\n");
  CHECK(writing.writes == 1);
  CHECK(writing.output.is_flushed());
}

TEST_CASE("texts that are large leave one a turn and in order with the small ones") {
  const MemoryFile file;
  Writing writing(file.fd());
  const std::string large = lines_of(300'000);
  writing.output.write("first\n");
  writing.output.take(large);
  writing.output.take("small\n");
  writing.output.take(large);
  writing.output.write("last\n");
  run_turns(writing.loop, 1);
  CHECK(file.text() == "first\n");
  run_turns(writing.loop, 1);
  CHECK(file.text() == "first\n" + large);
  writing.loop.run_until_complete(writing.output.flush());
  CHECK(file.text() == "first\n" + large + "small\n" + large + "last\n");
  CHECK(writing.writes == 5);
}

TEST_CASE("the memory of a text that was written is given to the next") {
  const MemoryFile file;
  Writing writing(file.fd());
  CHECK(writing.output.take(lines_of(300'000)).capacity() < 300'000);
  writing.loop.run_until_complete(writing.output.flush());
  const std::string memory = writing.output.take(lines_of(100'000));
  CHECK(memory.empty());
  CHECK(memory.capacity() >= 300'000);
}

TEST_CASE("a reader that is slow makes producers wait and loses nothing") {
  Pipe pipe;
  Writing writing(pipe.writer());
  const std::string lines = lines_of(3'000'000);
  writing.output.write(lines);
  CHECK(writing.output.is_congested());
  const auto ready = writing.loop.create_task(writing.output.ready());
  const auto flushed = writing.loop.create_task(writing.output.flush());
  writing.loop.run_until_complete(aio::sleep(5ms));
  CHECK_FALSE(ready.done());  // the pipe is full
  const std::size_t most = lines.size() - Output::congestion_bytes;
  std::string text =
      writing.loop.run_until_complete(read_slowly(pipe.reader(), most - 70'000, 999));
  CHECK_FALSE(ready.done());
  text += writing.loop.run_until_complete(read_slowly(pipe.reader(), 70'000, 999));
  writing.loop.run_until_complete(ready);
  CHECK_FALSE(flushed.done());
  text += writing.loop.run_until_complete(
      read_slowly(pipe.reader(), lines.size() - text.size(), 65'536));
  writing.loop.run_until_complete(flushed);
  CHECK(text == lines);
}

TEST_CASE("a full pipe does not keep the loop from turning nor make it spin") {
  Pipe pipe;
  Writing writing(pipe.writer());
  writing.output.write(lines_of(1'000'000));
  run_turns(writing.loop, 3);
  CHECK(turns_in(writing, 50ms) < 20);
  CHECK_FALSE(writing.output.error());
  pipe.close_reader();
  writing.loop.run_until_complete(writing.output.flush());
}

TEST_CASE("a pipe that is closed is one error and no spinning") {
  Pipe pipe;
  Writing writing(pipe.writer());
  SUBCASE("before the first write") {
    pipe.close_reader();
    writing.output.write("lost\n");
  }
  SUBCASE("while there was no room") {
    writing.output.write(lines_of(500'000));
    run_turns(writing.loop, 3);
    pipe.close_reader();
  }
  writing.loop.run_until_complete(writing.output.flush());
  CHECK(writing.output.error() == std::errc::broken_pipe);
  CHECK(writing.output.is_flushed());
  for (int i = 0; i < 3; ++i) {
    writing.output.write("dropped\n");
    writing.loop.run_until_complete(writing.output.ready());
  }
  CHECK(turns_in(writing, 50ms) < 20);
  CHECK(writing.failures == 1);
}

TEST_CASE("a regular file is written from where it stands") {
  const MemoryFile file("12345678");
  lseek(file.fd(), 4, SEEK_SET);
  Writing writing(file.fd());
  const std::string lines = lines_of(2'500'000);
  writing.output.write(lines);
  writing.loop.run_until_complete(writing.output.flush());
  CHECK(file.text() == "1234" + lines);
}

TEST_CASE("a device that takes all takes it") {
  const int fd = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  {
    Writing writing(fd);
    writing.output.write(lines_of(2'500'000));
    writing.loop.run_until_complete(writing.output.flush());
    CHECK_FALSE(writing.output.error());
  }
  ::close(fd);
}

TEST_CASE("a device that is full is an error") {
  const int fd = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  {
    Writing writing(fd);
    writing.output.write("lost\n");
    writing.loop.run_until_complete(writing.output.flush());
    CHECK(writing.output.error() == std::errc::no_space_on_device);
    CHECK(writing.failures == 1);
  }
  ::close(fd);
}

TEST_CASE("a socket is written without blocking the loop") {
  SocketPair sockets;
  Writing writing(sockets.writer());
  SUBCASE("that blocks") { make_blocking(sockets.writer()); }
  SUBCASE("that does not block") { fcntl(sockets.writer(), F_SETFL, O_NONBLOCK); }
  const std::string lines = lines_of(1'500'000);
  writing.output.write(lines);
  CHECK(turns_in(writing, 30ms) < 500);  // it is full, and the loop goes on
  const bool blocking = is_blocking(sockets.writer());
  const auto text =
      writing.loop.run_until_complete(read_slowly(sockets.reader(), lines.size(), 10'000));
  CHECK(text == lines);
  CHECK(is_blocking(sockets.writer()) == blocking);
}

TEST_CASE("a socket that is full already does not block the loop") {
  SocketPair sockets;
  fcntl(sockets.writer(), F_SETFL, O_NONBLOCK);
  const std::string filling(65'536, 'x');
  std::size_t filled = 0;
  for (ssize_t count; (count = ::write(sockets.writer(), filling.data(), filling.size())) > 0;) {
    filled += static_cast<std::size_t>(count);
  }
  make_blocking(sockets.writer());
  Writing writing(sockets.writer());
  writing.output.write("line\n");
  run_turns(writing.loop, 3);
  CHECK_FALSE(writing.output.is_flushed());
  const auto text =
      writing.loop.run_until_complete(read_slowly(sockets.reader(), filled + 5, 10'000));
  CHECK(text.ends_with("xline\n"));
}

TEST_CASE("a socket that is closed is one error") {
  SocketPair sockets;
  Writing writing(sockets.writer());
  writing.output.write(lines_of(1'500'000));
  run_turns(writing.loop, 5);
  sockets.close_reader();
  writing.loop.run_until_complete(writing.output.flush());
  CHECK(writing.output.error() == std::errc::broken_pipe);
  CHECK(writing.failures == 1);
}

TEST_CASE("a pipe keeps its mode for those who share it") {
  Pipe pipe;
  make_blocking(pipe.writer());
  Writing writing(pipe.writer());
  const std::string lines = lines_of(300'000);
  writing.output.write(lines);
  const auto read = writing.loop.create_task(read_slowly(pipe.reader(), lines.size(), 10'000));
  writing.loop.run_until_complete(writing.output.flush());
  CHECK(is_blocking(pipe.writer()));
  CHECK(writing.loop.run_until_complete(read) == lines);
}

namespace {

/// Gives `count` blocks of lines as a job would: it waits where it has to.
aio::Coro<std::size_t> produce(Output& output, const std::string& block, int count) {
  std::size_t most_on_heap = 0;
  for (int i = 0; i < count; ++i) {
    co_await output.ready();
    output.write(block);
    co_await aio::sleep(0);
    most_on_heap = std::max(most_on_heap, support::heap_bytes());
  }
  co_await output.flush();
  co_return most_on_heap;
}

}  // namespace

TEST_CASE("an output that never runs dry holds no more than what waits") {
  Pipe pipe;
  Writing writing(pipe.writer());
  const std::string block = lines_of(100'000);
  const auto reading = writing.loop.create_task(
      [](int fd, std::size_t size) -> aio::Coro<void> {
        std::array<char, 65'536> buffer{};
        while (size > 0) {
          const ssize_t count = ::read(fd, buffer.data(), buffer.size());
          if (count > 0) size -= static_cast<std::size_t>(count);
          co_await aio::sleep(0);
        }
      },
      pipe.reader(), 300 * block.size());
  const std::size_t before = support::heap_bytes();
  const std::size_t most = writing.loop.run_until_complete(produce(writing.output, block, 300));
  writing.loop.run_until_complete(reading);
  CHECK(most < before + 8'000'000);  // of the 30 MB that went through
}

TEST_CASE("the memory of eight texts that were written is given out again and of no more") {
  const MemoryFile file;
  Writing writing(file.fd());
  const auto memories = [&writing] {
    std::size_t count = 0;
    for (int i = 0; i < 10; ++i) {
      const std::string memory = writing.output.take(lines_of(100'000));
      CHECK(memory.empty());
      if (memory.capacity() >= 100'000) ++count;
    }
    writing.loop.run_until_complete(writing.output.flush());
    return count;
  };
  CHECK(memories() == 0);
  CHECK(memories() == 8);
}
