#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "support/descriptors.hpp"
#include "support/servers.hpp"

using aio::Coro;
using aio::StreamReader;
using aio::StreamWriter;
using support::code_of;
using support::connect_to;
using support::echo_lines;
using support::echoed;
using support::loopback;
using support::Outcome;
using support::outcome_of;
using support::port_of;
using support::Streams;
using support::what_of;

namespace {

int make_client() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

/// Connects a socket that is there already: it takes no descriptor.
void connect(int client, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

/// Takes all the descriptors that the process may have.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const int next = ::dup(STDERR_FILENO);
    taken_.push_back(next);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(next) + 64;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    while (true) {
      const int fd = ::dup(STDERR_FILENO);
      if (fd < 0) break;
      taken_.push_back(fd);
    }
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() {
    for (const int fd : taken_) ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

}  // namespace

TEST_CASE("a server serves its clients and says where") {
  aio::run([]() -> Coro<void> {
    const auto server = co_await aio::start_server(echo_lines, loopback, 0);
    CHECK(server.is_serving());
    REQUIRE(server.sockets().size() == 1);
    CHECK(server.sockets().front().host() == loopback);
    const Streams one = co_await connect_to(server);
    const Streams other = co_await connect_to(server);
    const std::string second = co_await echoed(other, "second\n");
    const std::string first = co_await echoed(one, "first\n");
    CHECK(second == "second\n");
    CHECK(first == "first\n");
    server.close();
    CHECK_FALSE(server.is_serving());
    CHECK(server.sockets().empty());
    server.close();
  });
}

TEST_CASE("a hundred clients are served at the same time") {
  aio::run([]() -> Coro<void> {
    const auto server = co_await aio::start_server(echo_lines, loopback, 0);
    std::vector<aio::Task<Streams>> connecting;
    for (int i = 0; i < 100; ++i) connecting.push_back(aio::create_task(connect_to(server)));
    std::vector<aio::Task<std::string>> echoes;
    for (int i = 0; i < 100; ++i) {
      const Streams streams = co_await connecting[static_cast<std::size_t>(i)];
      echoes.push_back(aio::create_task(echoed(streams, std::to_string(i) + "\n")));
    }
    for (int i = 0; i < 100; ++i) {
      const std::string line = co_await echoes[static_cast<std::size_t>(i)];
      CHECK(line == std::to_string(i) + "\n");
    }
    connecting.clear();
    server.close();
    co_await server.wait_closed();
  });
}

TEST_CASE("a plain function serves too and a closure lives as long as its clients") {
  aio::run([]() -> Coro<void> {
    std::optional<aio::Server> server;
    {
      const auto greet = [text = std::string("hello\n")](StreamReader, StreamWriter writer) {
        writer.write(text);
      };
      server = co_await aio::start_server(greet, std::nullopt, 0);
    }
    const Streams streams = co_await connect_to(*server);
    const std::string hello = co_await streams.first.read();
    CHECK(hello == "hello\n");
    server->close();
  });
}

TEST_CASE("no host and an empty host are all interfaces") {
  aio::run([]() -> Coro<void> {
    const auto none = co_await aio::start_server(echo_lines, std::nullopt, 0);
    const auto empty = co_await aio::start_server(echo_lines, "", 0);
    for (const aio::Server& server : {none, empty}) {
      const auto sockets = server.sockets();
      CHECK(std::ranges::all_of(sockets, [](const aio::Address& address) {
        return (address.host() == "0.0.0.0" || address.host() == "::") && address.port() > 0;
      }));
      CHECK(std::ranges::count(sockets, "0.0.0.0", &aio::Address::host) == 1);
      server.close();
    }
  });
}

TEST_CASE("an address that is taken is a system_error that names it") {
  aio::run([]() -> Coro<void> {
    const auto server = co_await aio::start_server(echo_lines, loopback, 0);
    const int port = port_of(server);
    const auto open = support::count_descriptors();
    const Outcome taken = co_await outcome_of(aio::start_server(echo_lines, loopback, port));
    CHECK(code_of(taken) == std::errc::address_in_use);
    CHECK(what_of(taken).find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
    const Outcome port_range = co_await outcome_of(aio::start_server(echo_lines, loopback, 70'000));
    CHECK(port_range.threw<aio::ValueError>());
    const Outcome elsewhere = co_await outcome_of(aio::start_server(echo_lines, "192.0.2.1", 0));
    CHECK(code_of(elsewhere) == std::errc::address_not_available);
    CHECK(support::count_descriptors() == open);
    server.close();
    const auto again = co_await aio::start_server(echo_lines, loopback, port);
    again.close();
  });
}

TEST_CASE("several servers share a port if both say so") {
  aio::run([]() -> Coro<void> {
    aio::ServerOptions options;
    options.reuse_port(true);
    const auto one = co_await aio::start_server(echo_lines, loopback, 0, options);
    const auto other = co_await aio::start_server(echo_lines, loopback, port_of(one), options);
    CHECK(port_of(one) == port_of(other));
    one.close();
    other.close();
  });
}

TEST_CASE("a server that does not serve yet begins when it is told to") {
  aio::run([]() -> Coro<void> {
    aio::ServerOptions options;
    options.start_serving(false);
    const auto server = co_await aio::start_server(echo_lines, loopback, 0, options);
    CHECK_FALSE(server.is_serving());
    const Outcome refused = co_await outcome_of(connect_to(server));
    CHECK(code_of(refused) == std::errc::connection_refused);
    co_await server.start_serving();
    co_await server.start_serving();
    CHECK(server.is_serving());
    const Streams streams = co_await connect_to(server);
    server.close();
    const Outcome closed = co_await outcome_of(server.start_serving());
    CHECK(closed.threw<aio::RuntimeError>());
  });
}

TEST_CASE("what a client's coroutine throws is reported and its connection closed") {
  aio::run([]() -> Coro<void> {
    const support::Reports reports(aio::get_running_loop());
    std::vector<StreamWriter> kept;  // so it is not the last handle's end that closes
    const auto picky = [&kept](StreamReader reader, StreamWriter writer) -> Coro<void> {
      kept.push_back(writer);
      const std::string line = co_await reader.readline();
      if (line == "bad\n") throw std::runtime_error("no such thing");
      writer.write(line);
    };
    const auto server = co_await aio::start_server(picky, loopback, 0);
    const Streams bad = co_await connect_to(server);
    const std::string nothing = co_await echoed(bad, "bad\n");
    const Streams good = co_await connect_to(server);
    const std::string line = co_await echoed(good, "good\n");
    CHECK(nothing.empty());
    CHECK(bad.first.at_eof());
    CHECK(line == "good\n");
    CHECK(reports.messages ==
          std::vector<std::string>(1, "Unhandled exception in client_connected_cb"));
    server.close();
  });
}

TEST_CASE("a client's coroutine that is cancelled has its connection closed and no report made") {
  aio::run([]() -> Coro<void> {
    const support::Reports reports(aio::get_running_loop());
    auto serving = aio::get_running_loop().create_future<aio::AnyTask>();
    std::vector<StreamWriter> kept;
    const auto wait = [serving, &kept](StreamReader reader, StreamWriter writer) -> Coro<void> {
      kept.push_back(writer);
      serving.set_result(aio::current_task());
      static_cast<void>(co_await reader.readline());
    };
    const auto server = co_await aio::start_server(wait, loopback, 0);
    const Streams streams = co_await connect_to(server);
    const aio::AnyTask task = co_await serving;
    task.cancel();
    const std::string end = co_await streams.first.read();
    CHECK(end.empty());
    CHECK(reports.messages.empty());
    server.close();
  });
}

TEST_CASE("a server without descriptors for a client reports it and serves him later") {
  if (!support::can_run_out_of_descriptors()) return;
  aio::run([]() -> Coro<void> {
    const support::Reports reports(aio::get_running_loop());
    const auto server = co_await aio::start_server(echo_lines, loopback, 0);
    const int client = make_client();
    {
      const NoDescriptors none;
      connect(client, port_of(server));
      while (reports.messages.empty()) co_await aio::sleep(0);
    }
    CHECK(reports.messages.front() == "socket.accept() out of system resource");
    const Streams other = co_await connect_to(server);
    const std::string line = co_await echoed(other, "there again\n");
    CHECK(line == "there again\n");
    REQUIRE(::send(client, "hello\n", 6, 0) == 6);
    REQUIRE(::fcntl(client, F_SETFL, O_NONBLOCK) == 0);
    char answer[16] = {};
    while (::recv(client, answer, sizeof answer, 0) != 6) co_await aio::sleep(0);
    CHECK(std::string(answer) == "hello\n");
    CHECK(reports.messages.size() == 1);
    ::close(client);
    server.close();
  });
}

TEST_CASE("a server that waits for descriptors can be closed") {
  if (!support::can_run_out_of_descriptors()) return;
  aio::run([]() -> Coro<void> {
    const support::Reports reports(aio::get_running_loop());
    const auto server = co_await aio::start_server(echo_lines, loopback, 0);
    const int client = make_client();
    {
      const NoDescriptors none;
      connect(client, port_of(server));
      while (reports.messages.empty()) co_await aio::sleep(0);
      server.close();
    }
    co_await server.wait_closed();
    ::close(client);
  });
}

TEST_CASE("whoever is told that there are no descriptors may close the server") {
  if (!support::can_run_out_of_descriptors()) return;
  aio::run([]() -> Coro<void> {
    const auto server = co_await aio::start_server(echo_lines, loopback, 0);
    aio::get_running_loop().set_exception_handler(
        [server](aio::EventLoop&, const aio::ExceptionContext&) { server.close(); });
    const int client = make_client();
    {
      const NoDescriptors none;
      connect(client, port_of(server));
      co_await server.wait_closed();
    }
    CHECK_FALSE(server.is_serving());
    ::close(client);
    aio::get_running_loop().set_exception_handler(nullptr);
  });
}
