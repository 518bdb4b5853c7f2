#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "support/servers.hpp"
#include "support/temporary_folder.hpp"

// How servers end, and what becomes of their clients then.

using aio::Coro;
using support::code_of;
using support::connect_to;
using support::echo_lines;
using support::echoed;
using support::loopback;
using support::Outcome;
using support::outcome_of;
using support::port_of;
using support::Streams;
using support::turns;
using support::what_of;

TEST_CASE("a closed server leaves its connections open and wait_closed waits for them") {
  aio::run([]() -> Coro<void> {
    const auto server = co_await aio::start_server(echo_lines, loopback, 0);
    const auto closed = aio::create_task(server.wait_closed());
    const Streams streams = co_await connect_to(server);
    const std::string before = co_await echoed(streams, "before\n");
    const int port = port_of(server);
    server.close();
    const Outcome refused = co_await outcome_of(aio::open_connection(loopback, port));
    CHECK(code_of(refused) == std::errc::connection_refused);
    const std::string after = co_await echoed(streams, "after\n");
    CHECK(after == "after\n");
    CHECK_FALSE(closed.done());
    streams.second.close();
    co_await closed;
    co_await server.wait_closed();
  });
}

TEST_CASE("a server closes and aborts the connections of its clients") {
  aio::run([]() -> Coro<void> {
    for (const bool abort : {false, true}) {
      const auto server = co_await aio::start_server(echo_lines, loopback, 0);
      const Streams streams = co_await connect_to(server);
      static_cast<void>(co_await echoed(streams, "hello\n"));
      server.close();
      abort ? server.abort_clients() : server.close_clients();
      co_await server.wait_closed();
      const std::string end = co_await streams.first.read();
      CHECK(end.empty());
    }
  });
}

TEST_CASE("serve_forever serves until it is cancelled and then closes") {
  aio::run([]() -> Coro<void> {
    aio::ServerOptions options;
    options.start_serving(false);
    const auto server = co_await aio::start_server(echo_lines, loopback, 0, options);
    const auto forever = aio::create_task(outcome_of(server.serve_forever()));
    co_await turns(3);
    CHECK(server.is_serving());
    const Outcome twice = co_await outcome_of(server.serve_forever());
    CHECK(twice.threw<aio::RuntimeError>());
    const Streams streams = co_await connect_to(server);
    static_cast<void>(co_await echoed(streams, "hello\n"));
    forever.cancel("enough");
    co_await turns(3);
    CHECK_FALSE(server.is_serving());
    CHECK_FALSE(forever.done());  // its client is still there
    streams.second.close();
    const Outcome outcome = co_await forever;
    REQUIRE(outcome.cancelled);
    CHECK(outcome.cancelled->message() == "enough");
    const Outcome closed = co_await outcome_of(server.serve_forever());
    CHECK(closed.threw<aio::RuntimeError>());
  });
}

TEST_CASE("closing a server cancels its serve_forever") {
  aio::run([]() -> Coro<void> {
    const auto server = co_await aio::start_server(echo_lines, loopback, 0);
    const auto forever = aio::create_task(outcome_of(server.serve_forever()));
    co_await turns(2);
    server.close();
    const Outcome outcome = co_await forever;
    CHECK(outcome.cancelled);
  });
}

TEST_CASE("with a server the body runs while it serves and it is closed at the end") {
  aio::run([]() -> Coro<void> {
    auto server = co_await aio::start_server(echo_lines, loopback, 0);
    std::string line;
    auto body = [&line](aio::Server& serving) -> Coro<void> {
      const Streams streams = co_await connect_to(serving);
      line = co_await echoed(streams, "inside\n");
    };
    co_await aio::with(server, body);
    CHECK(line == "inside\n");
    CHECK_FALSE(server.is_serving());
  });
}

TEST_CASE("a server goes on when its handle is dropped until its loop ends") {
  const auto open = support::count_descriptors();
  std::optional<aio::Server> kept;
  aio::run([&]() -> Coro<void> {
    int port = 0;
    {
      const auto server = co_await aio::start_server(echo_lines, loopback, 0);
      port = port_of(server);
    }
    const Streams streams = co_await aio::open_connection(loopback, port);
    const std::string line = co_await echoed(streams, "hello\n");
    CHECK(line == "hello\n");
    kept = co_await aio::start_server(echo_lines, loopback, 0);
  });
  CHECK(support::count_descriptors() == open);
  CHECK_FALSE(kept->is_serving());
  CHECK(kept->sockets().empty());
  kept->close();
  kept->abort_clients();
}

TEST_CASE("a loop with a server and clients in all states closes") {
  const auto open = support::count_descriptors();
  {
    aio::EventLoop loop;
    loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
    const auto server = loop.run_until_complete(aio::start_server(echo_lines, loopback, 0));
    std::vector<aio::Task<Streams>> clients;
    for (int i = 0; i < 10; ++i) clients.push_back(loop.create_task(connect_to(server)));
    const auto forever = loop.create_task(server.serve_forever());
    loop.run_until_complete(turns(3));
    clients.clear();
    loop.close();
    CHECK(forever.cancelled());
  }
  CHECK(support::count_descriptors() == open);
}

TEST_CASE("a Unix server replaces a socket that is there and removes its own when it closes") {
  const support::TemporaryFolder folder;
  const std::string path = (folder.path() / "socket").string();
  aio::run([&]() -> Coro<void> {
    aio::ServerOptions keep;
    keep.cleanup_socket(false);
    const auto first = co_await aio::start_unix_server(echo_lines, path, keep);
    first.close();
    CHECK(std::filesystem::exists(path));
    const auto second = co_await aio::start_unix_server(echo_lines, path);
    CHECK(second.sockets().front().path() == path);
    const Streams streams = co_await aio::open_unix_connection(path);
    const std::string line = co_await echoed(streams, "hello\n");
    CHECK(line == "hello\n");
    const auto third = co_await aio::start_unix_server(echo_lines, path);
    second.close();
    CHECK(std::filesystem::exists(path));  // the third's
    third.close();
    CHECK_FALSE(std::filesystem::exists(path));
  });
}

TEST_CASE("a Unix server does not replace what is no socket") {
  const support::TemporaryFolder folder;
  const std::string path = folder.write("file", "content").string();
  aio::run([&]() -> Coro<void> {
    const Outcome taken = co_await outcome_of(aio::start_unix_server(echo_lines, path));
    CHECK(code_of(taken) == std::errc::address_in_use);
    CHECK(what_of(taken).find(path) != std::string::npos);
    const Outcome too_long =
        co_await outcome_of(aio::start_unix_server(echo_lines, std::string(200, 'x')));
    CHECK(too_long.threw<aio::ValueError>());
  });
  CHECK(std::filesystem::exists(path));
}
