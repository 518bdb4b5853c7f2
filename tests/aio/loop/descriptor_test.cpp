#include <doctest/doctest.h>

#include <cstdlib>
#include <system_error>

#include "aio/event_loop.hpp"
#include "support/loop_test.hpp"

using namespace support;

TEST_CASE("a reader is called with its arguments whenever there is something to read") {
  aio::EventLoop loop;
  const Pipe pipe;
  std::string seen;
  loop.add_reader(
      pipe.reader(),
      [&](const std::string& before) {
        seen += before + pipe.read();
        loop.stop();
      },
      "+");
  for (const char* const text : {"a", "b", "c"}) {
    pipe.write(text);
    loop.run_forever();
  }
  CHECK(seen == "+a+b+c");
  CHECK(loop.remove_reader(pipe.reader()));
  CHECK_FALSE(loop.remove_reader(pipe.reader()));
  pipe.write("d");
  run_turns(loop, 2);
  CHECK(seen == "+a+b+c");
}

TEST_CASE("a reader that reads nothing is called again and again") {
  aio::EventLoop loop;
  const Pipe pipe;
  int calls = 0;
  loop.add_reader(pipe.reader(), [&] {
    if (++calls == 5) loop.stop();
  });
  pipe.write("a");
  loop.run_forever();
  CHECK(calls == 5);
}

TEST_CASE("a reader is called at the end of what it reads") {
  aio::EventLoop loop;
  Pipe pipe;
  bool at_end = false;
  loop.add_reader(pipe.reader(), [&] {
    at_end = pipe.read().empty();
    loop.stop();
  });
  pipe.close_writer();
  loop.run_forever();
  CHECK(at_end);
}

TEST_CASE("a writer is called while there is room and once the reader has gone") {
  aio::EventLoop loop;
  Pipe pipe;
  int calls = 0;
  loop.add_writer(pipe.writer(), [&] {
    ++calls;
    loop.stop();
  });
  loop.run_forever();
  CHECK(calls == 1);
  pipe.fill();
  run_turns(loop, 3);
  CHECK(calls == 1);
  while (!pipe.read().empty()) {
  }
  loop.run_forever();
  CHECK(calls == 2);
  pipe.fill();
  run_turns(loop, 1);
  pipe.close_reader();
  loop.run_forever();
  CHECK(calls == 3);
  CHECK(loop.remove_writer(pipe.writer()));
}

TEST_CASE("reader and writer of one descriptor are independent") {
  aio::EventLoop loop;
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_NONBLOCK) == 0);
  const int fd = ends[1];
  bool written = false;
  loop.add_reader(fd, [] {});
  loop.add_writer(fd, [&] {
    written = true;
    loop.stop();
  });
  CHECK(loop.remove_reader(fd));
  loop.run_forever();
  CHECK(written);
  CHECK_FALSE(loop.remove_reader(fd));
  CHECK(loop.remove_writer(fd));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a reader may remove or replace itself while it runs") {
  aio::EventLoop loop;
  const Pipe pipe;
  std::string seen;
  loop.add_reader(pipe.reader(), [&, held = std::string("first;")] {
    CHECK(loop.remove_reader(pipe.reader()));
    loop.add_reader(pipe.reader(), [&, second = std::string("second;")] {
      loop.add_reader(pipe.reader(), [&] { loop.stop(); });
      seen += second;
    });
    seen += held;
  });
  pipe.write("a");
  loop.run_forever();
  CHECK(seen == "first;second;");
  loop.remove_reader(pipe.reader());
}

TEST_CASE("a reader removed while its call is ready is not called") {
  aio::EventLoop loop;
  const Pipe pipe;
  bool called = false;
  loop.add_reader(pipe.reader(), [&] { called = true; });
  pipe.write("a");
  // Ready before the reader's call, which the turn's poll makes ready after it.
  loop.call_soon([&] { loop.remove_reader(pipe.reader()); });
  run_turns(loop, 2);
  CHECK_FALSE(called);
}

TEST_CASE("what a reader throws goes to the exception handler and the reader stays") {
  ReportLog log;
  aio::EventLoop loop;
  log.listen_to(loop);
  const Pipe pipe;
  loop.add_reader(pipe.reader(), [&] {
    if (log.reports.size() == 2) loop.stop();
    throw std::runtime_error("no luck");
  });
  pipe.write("a");
  loop.run_forever();
  REQUIRE(log.reports.size() == 3);
  CHECK(text_of(log.reports[0].exception) == "no luck");
}

TEST_CASE("what cannot be polled is a system_error that says so") {
  aio::EventLoop loop;
  std::string name = "/tmp/aio-descriptor-XXXXXX";
  const int file = ::mkstemp(name.data());
  REQUIRE(file >= 0);
  const auto nothing = [] {};
  const auto code_of = [&](int fd) {
    try {
      loop.add_reader(fd, nothing);
    } catch (const std::system_error& error) {
      return error.code();
    }
    return std::error_code();
  };
  CHECK(code_of(file) == std::errc::operation_not_permitted);
  CHECK(code_of(-1) == std::errc::bad_file_descriptor);
  CHECK_FALSE(loop.remove_reader(file));
  ::close(file);
  ::unlink(name.c_str());
  run_turns(loop, 1);
}

TEST_CASE("close removes readers and writers and frees what they hold") {
  int alive = 0;
  aio::EventLoop loop;
  const Pipe pipe;
  loop.add_reader(pipe.reader(), [counted = Counted(alive)] {});
  loop.add_writer(pipe.writer(), [counted = Counted(alive)] {});
  pipe.write("a");
  CHECK(alive == 2);
  loop.close();
  CHECK(alive == 0);
  CHECK_FALSE(loop.remove_reader(pipe.reader()));
}
