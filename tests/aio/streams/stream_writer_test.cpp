#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <optional>
#include <string>

#include "aio/aio.hpp"
#include "support/streams.hpp"

// The two sides of a TCP connection over loopback.

using aio::Coro;
using aio::StreamReader;
using aio::StreamWriter;
using support::code_of;
using support::Link;
using support::make_bytes;
using support::make_link;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

/// More than the kernel takes for a peer that does not read.
constexpr std::size_t too_much = 48 << 20;

/// Closes so that the other side's next use fails.
void reset(const StreamWriter& writer) {
  const linger now{1, 0};
  REQUIRE(::setsockopt(writer.fileno(), SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0);
  writer.abort();
}

bool is_gone(const Outcome& outcome) {
  return code_of(outcome) == std::errc::connection_reset ||
         code_of(outcome) == std::errc::broken_pipe;
}

bool has_nodelay(const StreamWriter& writer) {
  int value = 0;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(writer.fileno(), IPPROTO_TCP, TCP_NODELAY, &value, &size) == 0);
  return value != 0;
}

/// Reads until the peer has sent nothing for some turns: it cannot send more unless we go on.
Coro<void> wait_until_full(StreamWriter writer) {
  std::size_t last = 0;
  for (int quiet = 0; quiet < 20; ++quiet) {
    co_await aio::sleep(std::chrono::milliseconds(1));
    if (writer.get_write_buffer_size() != last) quiet = 0;
    last = writer.get_write_buffer_size();
  }
}

}  // namespace

TEST_CASE("what one side writes the other side reads in both directions") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    link.writer.write("ping\n");
    const std::string ping = co_await link.peer_reader.readline();
    std::vector<std::string> lines(1, "po");
    lines.emplace_back("ng\n");
    link.peer_writer.writelines(lines);
    const std::string pong = co_await link.reader.readline();
    CHECK(ping == "ping\n");
    CHECK(pong == "pong\n");
  });
}

TEST_CASE("both sides know both addresses and send small pieces at once") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    CHECK(link.writer.peername() == link.peer_writer.sockname());
    CHECK(link.writer.sockname() == link.peer_writer.peername());
    CHECK(link.writer.peername().host() == "127.0.0.1");
    CHECK(link.writer.peername().port() > 0);
    CHECK(has_nodelay(link.writer));
    CHECK(has_nodelay(link.peer_writer));
    link.writer.abort();
    CHECK(link.writer.fileno() == -1);
    CHECK(link.writer.sockname() == link.peer_writer.peername());
  });
}

TEST_CASE("what is written is copied and all of it arrives") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    const std::string bytes = make_bytes(too_much);
    {
      std::string mine = bytes;
      link.writer.write(mine);
      mine.assign(mine.size(), 'x');
    }
    link.writer.write("the end");
    CHECK(link.writer.get_write_buffer_size() > 0);
    const std::string received =
        co_await link.peer_reader.readexactly(static_cast<std::ptrdiff_t>(bytes.size()));
    CHECK((received == bytes));
    const std::string end = co_await link.peer_reader.read(100);
    CHECK(end == "the end");
  });
}

TEST_CASE("drain returns at once while little is buffered and else waits for the peer to read") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    link.writer.write("little");
    co_await link.writer.drain();
    link.writer.write(make_bytes(too_much));
    const auto drained = aio::create_task(link.writer.drain());
    const auto also = aio::create_task(link.writer.drain());
    co_await wait_until_full(link.writer);
    CHECK_FALSE(drained.done());
    CHECK_FALSE(also.done());
    const std::string all = co_await link.peer_reader.readexactly(too_much + 6);
    co_await drained;
    co_await also;
    CHECK(all.size() == too_much + 6);
    CHECK(link.writer.get_write_buffer_size() <= aio::default_limit / 4);
  });
}

TEST_CASE("a reader that nobody reads stops taking data at twice its limit and goes on later") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link(1'000);
    link.writer.write(make_bytes(too_much));
    co_await wait_until_full(link.writer);
    CHECK(link.writer.get_write_buffer_size() > 0);
    std::size_t read = 0;
    while (read < too_much) {
      const std::string piece = co_await link.peer_reader.read(1 << 20);
      CHECK(piece.size() <= 2 * 1'000 + 65'536);  // one buffer of the kernel's is all that it adds
      read += piece.size();
    }
    CHECK(read == too_much);
  });
}

TEST_CASE("the marks of drain can be set") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    link.writer.set_write_buffer_limits(too_much);
    link.writer.write(make_bytes(too_much));
    co_await link.writer.drain();
    link.writer.set_write_buffer_limits(0);
    const auto drained = aio::create_task(link.writer.drain());
    co_await turns(3);
    CHECK_FALSE(drained.done());
    static_cast<void>(co_await link.peer_reader.readexactly(too_much));
    co_await drained;
    CHECK(link.writer.get_write_buffer_size() == 0);
    CHECK_THROWS_AS(link.writer.set_write_buffer_limits(1, 2), aio::ValueError);
  });
}

TEST_CASE("a cancelled drain leaves the data which all arrives") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    const std::string bytes = make_bytes(too_much);
    link.writer.write(bytes);
    const auto drained = aio::create_task(outcome_of(link.writer.drain()));
    co_await turns(2);
    drained.cancel();
    const Outcome outcome = co_await drained;
    CHECK(outcome.cancelled);
    link.writer.close();
    const std::string received = co_await link.peer_reader.read();
    CHECK((received == bytes));
  });
}

TEST_CASE("close sends what is buffered and ends the stream of both sides") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    link.writer.write(make_bytes(too_much));
    link.writer.close();
    CHECK(link.writer.is_closing());
    link.writer.close();
    const auto closed = aio::create_task(link.writer.wait_closed());
    co_await turns(3);
    CHECK_FALSE(closed.done());
    const std::string received = co_await link.peer_reader.read();
    CHECK(received.size() == too_much);
    co_await closed;
    CHECK(link.reader.at_eof());
    CHECK_FALSE(link.peer_writer.is_closing());
    link.peer_writer.close();
    co_await link.peer_writer.wait_closed();
    co_await link.peer_writer.wait_closed();
  });
}

TEST_CASE("writing after close does nothing and drain says so") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    link.writer.close();
    link.writer.write("late");
    link.writer.write_eof();
    const Outcome outcome = co_await outcome_of(link.writer.drain());
    CHECK(code_of(outcome) == std::errc::connection_reset);
    CHECK(support::what_of(outcome).find("Connection lost") == 0);
    const std::string received = co_await link.peer_reader.read();
    CHECK(received.empty());
  });
}

TEST_CASE("abort closes at once and loses what was not sent") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    link.writer.write(make_bytes(too_much));
    link.writer.abort();
    CHECK(link.writer.get_write_buffer_size() == 0);
    co_await link.writer.wait_closed();
    const std::string received = co_await link.peer_reader.read();
    CHECK(received.size() < too_much);
  });
}

TEST_CASE("a side that half-closes is still answered") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    CHECK(link.writer.can_write_eof());
    link.writer.write(make_bytes(too_much));
    link.writer.write_eof();
    link.writer.write_eof();
    const std::string request = co_await link.peer_reader.read();
    CHECK(request.size() == too_much);
    link.peer_writer.write("answer");
    co_await link.peer_writer.drain();
    const std::string answer = co_await link.reader.readexactly(6);
    CHECK(answer == "answer");
    CHECK_THROWS_AS(link.writer.write("more"), aio::RuntimeError);
    link.peer_writer.close();
    const std::string end = co_await link.reader.read();
    CHECK(end.empty());
  });
}

TEST_CASE("a reset connection fails reads and drains and the wait for its end") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    const auto waiting = aio::create_task(outcome_of(link.reader.read(1)));
    co_await turns(2);
    reset(link.peer_writer);
    const Outcome read = co_await waiting;
    const Outcome drained = co_await outcome_of(link.writer.drain());
    const Outcome closed = co_await outcome_of(link.writer.wait_closed());
    const Outcome again = co_await outcome_of(link.reader.readline());
    CHECK(code_of(read) == std::errc::connection_reset);
    CHECK(code_of(drained) == std::errc::connection_reset);
    CHECK(code_of(closed) == std::errc::connection_reset);
    CHECK(code_of(again) == std::errc::connection_reset);
    CHECK(link.writer.is_closing());
  });
}

TEST_CASE("a drain that waits is told of the reset") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    link.writer.write(make_bytes(too_much));
    const auto waiting = aio::create_task(outcome_of(link.writer.drain()));
    co_await turns(2);
    reset(link.peer_writer);
    const Outcome drained = co_await waiting;
    CHECK(is_gone(drained));
  });
}

TEST_CASE("one who writes and drains in a loop is told that the peer has gone") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    link.peer_writer.abort();  // what comes after is answered with a reset; SIGPIPE ends nothing
    Outcome outcome;
    while (!outcome.failed) {
      link.writer.write("anybody there?");
      outcome = co_await outcome_of(link.writer.drain());
    }
    CHECK(is_gone(outcome));
  });
}

TEST_CASE("a connection is closed when its last writer is dropped") {
  aio::run([]() -> Coro<void> {
    static_cast<void>(co_await make_link());  // a loop's first stream opens what stays
    const auto open = support::count_descriptors();
    std::optional<Link> link = co_await make_link();
    const StreamReader peer_reader = link->peer_reader;
    const StreamWriter peer_writer = link->peer_writer;
    link.reset();
    const std::string end = co_await peer_reader.read();
    CHECK(end.empty());
    peer_writer.close();
    CHECK(support::count_descriptors() == open);
  });
}

TEST_CASE("the end of the peer's data leaves the connection open for writing") {
  aio::run([]() -> Coro<void> {
    const Link link = co_await make_link();
    link.peer_writer.write("last words");
    link.peer_writer.write_eof();
    const std::string words = co_await link.reader.read();
    CHECK(words == "last words");
    CHECK_FALSE(link.writer.is_closing());
    for (int i = 0; i < 3; ++i) {
      link.writer.write("still here\n");
      const std::string line = co_await link.peer_reader.readline();
      CHECK(line == "still here\n");
    }
  });
}

TEST_CASE("streams that outlive their loop are closed and safe to use and drop") {
  std::optional<Link> link;
  const auto open = support::count_descriptors();
  {
    aio::EventLoop loop;
    link = loop.run_until_complete(make_link());
    link->writer.write(make_bytes(too_much));
    link->peer_writer.write("unread");
  }
  CHECK(support::count_descriptors() == open);
  CHECK(link->writer.is_closing());
  CHECK(link->writer.fileno() == -1);
  link->writer.write("late");
  link->writer.close();
  link->writer.abort();
  const std::string rest = aio::run([&]() -> Coro<std::string> {
    const Outcome drained = co_await outcome_of(link->writer.drain());
    CHECK(code_of(drained) == std::errc::connection_reset);
    co_await link->writer.wait_closed();
    co_return co_await link->reader.read();
  });
  CHECK((rest == "unread" || rest.empty()));
  link.reset();
}

TEST_CASE("a loop with open connections and tasks that wait on them closes") {
  aio::EventLoop loop;
  loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
  const Link link = loop.run_until_complete(make_link());
  link.writer.write(make_bytes(too_much));
  const auto reading = loop.create_task(link.reader.read());
  const auto draining = loop.create_task(link.writer.drain());
  const auto closing = loop.create_task(link.writer.wait_closed());
  loop.run_until_complete(turns(3));
  loop.close();
  CHECK(reading.cancelled());
  CHECK(draining.cancelled());
  CHECK(closing.cancelled());
}
