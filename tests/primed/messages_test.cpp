#include "primed/messages.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>

#include "support/loop_test.hpp"
#include "support/memory_file.hpp"

namespace {

using namespace std::chrono_literals;
using primed::Messages;

/// All that is in the pipe by now.
std::string drain(int fd) {
  std::string all;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count <= 0) return all;
    all.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A pipe that blocks whoever writes to it, full to the last byte, as a parent may hand it over.
class FullPipe {
 public:
  FullPipe() {
    pipe_.fill();
    while (::write(pipe_.writer(), "-", 1) > 0) {
    }
    ::fcntl(pipe_.writer(), F_SETFL, 0);
  }
  int writer() const { return pipe_.writer(); }
  /// What came after that which has filled it; makes room.
  std::string read() const {
    std::string text = drain(pipe_.reader());
    return text.substr(std::min(text.size(), text.find_last_of(std::string("-\0", 2)) + 1));
  }

 private:
  support::Pipe pipe_;
};

/// Runs the loop until `holds`, or long enough to see that it never does.
template <class Predicate>
bool run_until(aio::EventLoop& loop, Predicate holds) {
  const auto deadline = aio::Clock::now() + 20s;
  while (!holds() && aio::Clock::now() < deadline) loop.run_until_complete(aio::sleep(1ms));
  return holds();
}

}  // namespace

TEST_SUITE_BEGIN("messages");

TEST_CASE("a message is written at once") {
  const support::Pipe pipe;
  Messages messages(pipe.writer());
  messages.say("one");
  messages.print("two\nthree\n");
  CHECK(pipe.read() == "primed: one\ntwo\nthree\n");
}

TEST_CASE("a regular file takes messages where it stands") {
  const support::MemoryFile file;
  Messages messages(file.fd());
  REQUIRE(::write(file.fd(), "before\n", 7) == 7);
  messages.say("after");
  CHECK(file.text() == "before\nprimed: after\n");
}

TEST_CASE("a pipe that is full keeps nobody waiting, and its mode") {
  const FullPipe pipe;
  Messages messages(pipe.writer());
  messages.say("in time");
  CHECK((::fcntl(pipe.writer(), F_GETFL) & O_NONBLOCK) == 0);
  pipe.read();
  messages.flush(0s);
  CHECK(pipe.read() == "primed: in time\n");
}

TEST_CASE("a full pipe that cannot be opened anew keeps nobody waiting either") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const std::string much(100'000, 'x');
  Messages messages(ends[1]);
  for (int i = 0; i < 8; ++i) messages.print(much + "\n");
  messages.say("last");
  CHECK((::fcntl(ends[1], F_GETFL) & O_NONBLOCK) == 0);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  std::string all;
  for (int i = 0; i < 1000 && !contains(all, "last"); ++i) {
    messages.flush(0s);
    all += drain(ends[0]);
  }
  CHECK(all.size() == 8 * (much.size() + 1) + std::string("primed: last\n").size());
  for (const int end : ends) ::close(end);
}

TEST_CASE("the loop goes on, and writes what waits when the reader is back") {
  const FullPipe pipe;
  aio::EventLoop loop;
  Messages messages(pipe.writer());
  messages.attach(loop);
  messages.say("waits");
  loop.run_until_complete(aio::sleep(30ms));
  std::string text = pipe.read();
  CHECK(text.empty());
  CHECK(run_until(loop, [&] { return contains(text += pipe.read(), "primed: waits\n"); }));
  messages.detach();
  loop.close();
}

TEST_CASE("messages that do not fit are counted, and told later in their place") {
  const FullPipe pipe;
  Messages messages(pipe.writer());
  const std::string half(Messages::waiting_bytes_max / 2, 'x');
  messages.print(half);
  messages.print(half);
  messages.say("lost 1");
  messages.say("lost 2");
  std::string text;
  const auto read_all = [&] {
    for (int i = 0; i < 1000; ++i) {
      text += pipe.read();
      messages.flush(0s);
    }
  };
  SUBCASE("behind what waited") { read_all(); }
  SUBCASE("before what comes next") {
    text += pipe.read();
    messages.flush(0s);
    messages.say("next");
    read_all();
    CHECK(contains(text, "read\nprimed: next\n"));
  }
  CHECK_FALSE(contains(text, "lost 1"));
  CHECK_FALSE(contains(text, "lost 2"));
  CHECK(contains(text, half + half + "primed: 2 messages lost: standard error was not read\n"));
  CHECK(text.find("messages lost") == text.rfind("messages lost"));
}

TEST_CASE("a message larger than all the room is lost, and the next one is not") {
  const support::MemoryFile file;
  Messages messages(file.fd());
  messages.print(std::string(Messages::waiting_bytes_max + 1, 'x'));
  messages.say("next");
  CHECK(file.text() == "primed: 1 message lost: standard error was not read\nprimed: next\n");
}

TEST_CASE("a reader that is gone is no reason to end or to wait") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  support::Pipe pipe;
  aio::EventLoop loop;
  Messages messages(pipe.writer());
  messages.attach(loop);
  pipe.close_reader();
  messages.say("to nobody");
  messages.say("to nobody");
  messages.flush(std::nullopt);
  messages.detach();
  loop.close();
  std::signal(SIGPIPE, before);
}

TEST_CASE("a descriptor that is closed or only for reading is no reason to end or to wait") {
  Messages closed(-1);
  closed.say("to nobody");
  closed.flush(std::nullopt);
  const int for_reading = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  Messages useless(for_reading);
  useless.say("to nobody");
  useless.flush(std::nullopt);
  ::close(for_reading);
}

TEST_CASE("last words wait for a reader, but not for ever") {
  const FullPipe pipe;
  Messages messages(pipe.writer());
  messages.say("last");
  const auto start = aio::Clock::now();
  messages.flush(50ms);
  CHECK(aio::Clock::now() - start >= 50ms);
  std::string text;
  std::thread reader([&] {
    std::this_thread::sleep_for(10ms);
    text = pipe.read();
  });
  messages.flush(std::nullopt);
  reader.join();
  CHECK(text + pipe.read() == "primed: last\n");
}

TEST_CASE("a message takes the status line away, which comes back with its next update") {
  const support::MemoryFile file;
  Messages messages(file.fd());
  messages.show_status("1 of 3");
  messages.show_status("2 of 3");
  messages.say("hello");
  messages.clear_status();  // is away
  messages.show_status("3 of 3");
  messages.clear_status();
  CHECK(file.text() == "\r\x1b[K1 of 3\r\x1b[K2 of 3\r\x1b[Kprimed: hello\n\r\x1b[K3 of 3\r\x1b[K");
}

TEST_CASE("a status line is left out while messages wait") {
  const FullPipe pipe;
  Messages messages(pipe.writer());
  messages.say("waits");
  for (int i = 0; i < 1000; ++i) messages.show_status("old by then");
  pipe.read();
  messages.flush(0s);
  CHECK(pipe.read() == "primed: waits\n");
}
