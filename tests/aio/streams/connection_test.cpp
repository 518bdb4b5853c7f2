#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "aio/streams/connection.hpp"
#include "aio/testing.hpp"
#include "support/streams.hpp"
#include "support/temporary_folder.hpp"

// Making connections, and finding out where to.

using aio::Coro;
using support::code_of;
using support::Outcome;
using support::outcome_of;
using support::Streams;
using support::turns;
using support::what_of;

namespace {

/// A port on which nobody listens: somebody did a moment ago.
Coro<int> unused_port() {
  const auto server =
      co_await aio::start_server([](aio::StreamReader, aio::StreamWriter) {}, "127.0.0.1", 0);
  const int port = server.sockets().front().port();
  server.close();
  co_return port;
}

/// A socket that listens and whose queue is full: the kernel lets who connects wait.
class FullListener {
 public:
  FullListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(fd_, get(), sizeof address_) == 0);
    REQUIRE(::listen(fd_, 0) == 0);
    socklen_t size = sizeof address_;
    REQUIRE(::getsockname(fd_, get(), &size) == 0);
    for (int i = 0; i < 8; ++i) {
      clients_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      static_cast<void>(::connect(clients_.back(), get(), sizeof address_));
    }
  }
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;
  ~FullListener() {
    for (const int client : clients_) ::close(client);
    ::close(fd_);
  }
  int port() const { return ntohs(address_.sin_port); }

 private:
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&address_); }
  sockaddr_in address_{};
  int fd_;
  std::vector<int> clients_;
};

}  // namespace

TEST_CASE("an address says where it is") {
  CHECK(aio::Address("127.0.0.1", 80).to_string() == "127.0.0.1:80");
  CHECK(aio::Address("::1", 80).to_string() == "[::1]:80");
  CHECK(aio::Address("/run/socket").to_string() == "/run/socket");
  CHECK(aio::Address().to_string().empty());
  CHECK(aio::Address("::1", 80) != aio::Address("::1", 81));
}

TEST_CASE("a numeric host is its own address") {
  aio::run([]() -> Coro<void> {
    const auto four = co_await aio::getaddrinfo("127.0.0.1", 80);
    const auto six = co_await aio::getaddrinfo("0:0::1", "443");
    CHECK(four == std::vector<aio::Address>(1, aio::Address("127.0.0.1", 80)));
    CHECK(six == std::vector<aio::Address>(1, aio::Address("::1", 443)));
  });
}

TEST_CASE("localhost is on loopback and each of its addresses comes once") {
  aio::run([]() -> Coro<void> {
    const auto addresses = co_await aio::getaddrinfo("localhost", 80);
    const auto here = co_await aio::getaddrinfo("", 80);
    const auto four = co_await aio::getaddrinfo("localhost", 80, aio::AddressFamily::ipv4);
    REQUIRE_FALSE(addresses.empty());
    for (const aio::Address& address : addresses) {
      CHECK((address.host() == "::1" || address.host().starts_with("127.")));
      CHECK(address.port() == 80);
      CHECK(std::ranges::count(addresses, address) == 1);
    }
    CHECK_FALSE(here.empty());
    REQUIRE(four.size() == 1);
    CHECK(four.front().host() == "127.0.0.1");
  });
}

TEST_CASE("what cannot be resolved is a system_error that names it") {
  aio::run([]() -> Coro<void> {
    const Outcome service = co_await outcome_of(aio::getaddrinfo("localhost", "no-such-service"));
    const Outcome family =
        co_await outcome_of(aio::getaddrinfo("127.0.0.1", 80, aio::AddressFamily::ipv6));
    CHECK(what_of(service).find("cannot resolve localhost") == 0);
    CHECK(what_of(family).find("cannot resolve 127.0.0.1") == 0);
    CHECK(service.threw<std::system_error>());
    CHECK(family.threw<std::system_error>());
  });
}

TEST_CASE("a cancelled look-up leaves nothing and its late answer goes nowhere") {
  aio::run([]() -> Coro<void> {
    for (int i = 0; i < 20; ++i) {
      const auto task = aio::create_task(outcome_of(aio::getaddrinfo("localhost", 80)));
      co_await turns(1 + i % 3);
      task.cancel();
      const Outcome outcome = co_await task;
      CHECK((outcome.cancelled || outcome.returned));
    }
  });
}

TEST_CASE("a loop is closed while a look-up is under way") {
  aio::EventLoop loop;
  loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
  const auto task = loop.create_task(aio::getaddrinfo("localhost", 80));
  loop.run_until_complete(turns(2));
  loop.close();
  CHECK(task.done());
}

TEST_CASE("virtual time stands still while the resolver works") {
  aio::testing::run([]() -> Coro<void> {
    const auto sleeper = aio::create_task(aio::sleep(std::chrono::hours(1)));
    static_cast<void>(co_await aio::getaddrinfo("localhost", 80));
    CHECK(aio::get_running_loop().time() == aio::TimePoint());
    CHECK_FALSE(sleeper.done());
    sleeper.cancel();
  });
}

TEST_CASE("connecting where nobody listens names host, address and error") {
  aio::run([]() -> Coro<void> {
    const int port = co_await unused_port();
    const Outcome one = co_await outcome_of(aio::open_connection("127.0.0.1", port));
    CHECK(code_of(one) == std::errc::connection_refused);
    CHECK(what_of(one).find("cannot connect to 127.0.0.1 port " + std::to_string(port)) == 0);
    const auto all = co_await aio::getaddrinfo("localhost", port);
    const Outcome every = co_await outcome_of(aio::open_connection("localhost", port));
    CHECK(every.threw<std::system_error>());
    for (const aio::Address& address : all) {
      CHECK(what_of(every).find(address.to_string() + ": ") != std::string::npos);
    }
  });
}

TEST_CASE("every address of a host is tried in turn until one answers") {
  aio::run([]() -> Coro<void> {
    auto accepted = aio::get_running_loop().create_future<Streams>();
    const auto accept = support::hand_to(accepted);
    const auto server = co_await aio::start_server(accept, "127.0.0.1", 0);
    const aio::Address address = server.sockets().front();
    // On the others of loopback's addresses nobody listens.
    std::vector<aio::Address> addresses;
    for (const char* const host : {"127.0.0.2", "127.0.0.3", "127.0.0.1"}) {
      addresses.emplace_back(host, address.port());
    }
    const Streams streams =
        co_await aio::detail::connect_to_any(addresses, "host", address.port(), 1'000);
    CHECK(streams.second.peername() == address);
    static_cast<void>(co_await accepted);

    addresses.pop_back();
    const Outcome refused =
        co_await outcome_of(aio::detail::connect_to_any(addresses, "host", address.port(), 1'000));
    CHECK(code_of(refused) == std::errc::connection_refused);
    CHECK(what_of(refused).find("cannot connect to host port ") == 0);
    for (const aio::Address& tried : addresses) {
      CHECK(what_of(refused).find(tried.to_string() + ": ") != std::string::npos);
    }
    server.close();
  });
}

TEST_CASE("a port or limit that is none is a ValueError") {
  aio::run([]() -> Coro<void> {
    const Outcome high = co_await outcome_of(aio::open_connection("127.0.0.1", 65'536));
    const Outcome low = co_await outcome_of(aio::open_connection("127.0.0.1", -1));
    const Outcome limit = co_await outcome_of(aio::open_connection("127.0.0.1", 1, 0));
    CHECK(high.threw<aio::ValueError>());
    CHECK(low.threw<aio::ValueError>());
    CHECK(limit.threw<aio::ValueError>());
  });
}

TEST_CASE("a cancelled attempt to connect leaves nothing open") {
  aio::run([]() -> Coro<void> {
    const FullListener listener;
    static_cast<void>(co_await support::make_link());  // a loop's first stream opens what stays
    const auto open = support::count_descriptors();
    const auto task =
        aio::create_task(outcome_of(aio::open_connection("127.0.0.1", listener.port())));
    while (support::count_descriptors() == open) co_await aio::sleep(0);
    co_await turns(3);
    CHECK_FALSE(task.done());
    task.cancel("enough");
    const Outcome outcome = co_await task;
    REQUIRE(outcome.cancelled);
    CHECK(outcome.cancelled->message() == "enough");
    CHECK(support::count_descriptors() == open);
  });
}

TEST_CASE("a loop is closed while an attempt to connect is under way") {
  const FullListener listener;
  const auto open = support::count_descriptors();
  {
    aio::EventLoop loop;
    loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
    const auto task = loop.create_task(aio::open_connection("127.0.0.1", listener.port()));
    loop.run_until_complete(turns(3));
    loop.close();
    CHECK(task.cancelled());
  }
  CHECK(support::count_descriptors() == open);
}

TEST_CASE("connections cannot be made where no loop runs") {
  auto unstarted = aio::open_connection("127.0.0.1", 1);
  aio::EventLoop loop;
  loop.close();
  CHECK_THROWS_AS(static_cast<void>(loop.create_task(std::move(unstarted))), aio::RuntimeError);
}

TEST_CASE("a Unix socket is connected to by its path and carries data both ways") {
  const support::TemporaryFolder folder;
  const std::string path = (folder.path() / "socket").string();
  aio::run([&]() -> Coro<void> {
    auto accepted = aio::get_running_loop().create_future<Streams>();
    const auto accept = support::hand_to(accepted);
    const auto server = co_await aio::start_unix_server(accept, path);
    const Streams client = co_await aio::open_unix_connection(path);
    const Streams peer = co_await accepted;
    CHECK(client.second.peername() == aio::Address(path));
    CHECK(client.second.sockname() == aio::Address());
    client.second.write("ping");
    client.second.write_eof();
    const std::string ping = co_await peer.first.read();
    peer.second.write("pong");
    peer.second.close();
    const std::string pong = co_await client.first.read();
    CHECK(ping == "ping");
    CHECK(pong == "pong");
    server.close();
  });
}

TEST_CASE("a Unix socket may have one of Linux's abstract names") {
  aio::run([]() -> Coro<void> {
    std::string name(1, '\0');
    name += "aio-connection-test-" + std::to_string(::getpid());
    auto accepted = aio::get_running_loop().create_future<Streams>();
    const auto accept = support::hand_to(accepted);
    const auto server = co_await aio::start_unix_server(accept, name);
    const Streams client = co_await aio::open_unix_connection(name);
    CHECK(client.second.peername().path() == name);
    static_cast<void>(co_await accepted);
    server.close();
  });
}

TEST_CASE("a Unix socket that is not there or has too long a path says so") {
  const support::TemporaryFolder folder;
  aio::run([&]() -> Coro<void> {
    const std::string path = (folder.path() / "none").string();
    const Outcome missing = co_await outcome_of(aio::open_unix_connection(path));
    const Outcome too_long =
        co_await outcome_of(aio::open_unix_connection("/tmp/" + std::string(200, 'x')));
    CHECK(code_of(missing) == std::errc::no_such_file_or_directory);
    CHECK(what_of(missing).find("cannot connect to " + path) == 0);
    CHECK(too_long.threw<aio::ValueError>());
  });
}

TEST_CASE("who connects to a Unix socket whose queue is full waits for room in it") {
  const support::TemporaryFolder folder;
  const std::string path = (folder.path() / "socket").string();
  aio::run([&]() -> Coro<void> {
    const auto ignore = [](aio::StreamReader, aio::StreamWriter) {};
    aio::ServerOptions options;
    options.backlog(0);
    const auto server = co_await aio::start_unix_server(ignore, path, options);
    // All in one turn: the server accepts none of them before the queue is full.
    std::vector<aio::Task<Streams>> tasks;
    for (int i = 0; i < 10; ++i) tasks.push_back(aio::create_task(aio::open_unix_connection(path)));
    for (const auto& task : tasks) static_cast<void>(co_await task);
    server.close();
  });
}
