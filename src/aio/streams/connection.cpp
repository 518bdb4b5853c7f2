#include "aio/streams/connection.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "aio/loop/owned_descriptor.hpp"
#include "aio/sleep.hpp"
#include "aio/streams/transport.hpp"

namespace aio {

namespace detail {

namespace {

/// The state that a coroutine that connects shares with libuv's request.
struct Attempt {
  Wakeup ended;
  int status = 0;
};

struct ConnectRequest {
  uv_connect_t request;
  std::shared_ptr<Attempt> attempt;
};

void on_connected(uv_connect_t* uv, int status) {
  const std::unique_ptr<ConnectRequest> request(static_cast<ConnectRequest*>(uv->data));
  request->attempt->status = status;
  request->attempt->ended.wake_all();
}

// A cancellation destroys the handle, and libuv then gives the request back.
Coro<UvStream> connect_tcp(LoopCore& core, Address address) {
  UvHandle<uv_tcp_t> tcp(nullptr, "cannot make a TCP handle", [&core](uv_tcp_t* handle) {
    return uv_tcp_init(core.poller.uv(), handle);
  });
  auto attempt = std::make_shared<Attempt>();
  auto request = std::make_unique<ConnectRequest>();
  request->request.data = request.get();
  request->attempt = attempt;
  const SocketAddress target = to_socket_address(address);
  throw_if_uv_error(uv_tcp_connect(&request->request, tcp.get(), target.get(), on_connected),
                    "cannot connect");
  static_cast<void>(request.release());
  co_await attempt->ended.wait();
  throw_if_uv_error(attempt->status, "cannot connect");
  uv_tcp_nodelay(tcp.get(), 1);
  co_return UvStream(std::move(tcp));
}

/// The addresses that did not answer, each with its error.
class Failures {
 public:
  void add(const Address& address, const std::system_error& error) {
    if (text_.empty()) first_ = error.code();
    text_ += (text_.empty() ? "" : ", ") + address.to_string() + ": " + error.code().message();
  }
  [[noreturn]] void raise(const std::string& host, int port) const {
    throw std::system_error(
        first_, "cannot connect to " + host + " port " + std::to_string(port) + " (" + text_ + ")");
  }

 private:
  std::error_code first_ = make_error_code(std::errc::address_not_available);
  std::string text_;
};

Coro<UvStream> connect_to_first(LoopCore& core, std::vector<Address> addresses, std::string host,
                                int port) {
  Failures failures;
  for (const Address& address : addresses) {
    try {
      co_return co_await connect_tcp(core, address);
    } catch (const std::system_error& error) {
      failures.add(address, error);
    }
  }
  failures.raise(host, port);
}

// A Unix socket connects at once, or its server's queue is full. Nothing tells when there is room
// in it, so it is tried again, more and more rarely.
Coro<UvStream> connect_unix(LoopCore& core, std::string path) {
  const SocketAddress target = to_socket_address(Address(path));
  const std::string doing = "cannot connect to " + path;
  OwnedDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) throw_system_error(errno, doing);
  Duration pause = std::chrono::milliseconds(1);
  while (::connect(socket.get(), target.get(), target.size) != 0) {
    if (errno != EAGAIN && errno != EINTR) throw_system_error(errno, doing);
    co_await sleep(pause);
    pause = std::min<Duration>(pause * 2, std::chrono::milliseconds(100));
  }
  co_return adopt_pipe(core, socket.release());
}

std::shared_ptr<Transport> make_transport(LoopCore& core, UvStream stream) {
  return std::make_shared<Transport>(core, std::move(stream), Transport::Kind::socket);
}

void require_limit(std::size_t limit) {
  if (limit == 0) throw ValueError("Limit cannot be <= 0");
}

}  // namespace

Coro<std::pair<StreamReader, StreamWriter>> connect_to_any(std::vector<Address> addresses,
                                                           std::string host, int port,
                                                           std::size_t limit) {
  LoopCore& core = running_core();
  auto stream = co_await connect_to_first(core, std::move(addresses), std::move(host), port);
  co_return start_streams(make_transport(core, std::move(stream)), limit);
}

}  // namespace detail

Coro<std::pair<StreamReader, StreamWriter>> open_connection(std::string host, int port,
                                                            std::size_t limit) {
  detail::require_port(port);
  detail::require_limit(limit);
  auto addresses = co_await detail::resolve(host, std::to_string(port), AddressFamily::any, false);
  co_return co_await detail::connect_to_any(std::move(addresses), std::move(host), port, limit);
}

Coro<std::pair<StreamReader, StreamWriter>> open_unix_connection(std::string path,
                                                                 std::size_t limit) {
  detail::LoopCore& core = detail::running_core();
  detail::require_limit(limit);
  auto stream = co_await detail::connect_unix(core, std::move(path));
  co_return detail::start_streams(detail::make_transport(core, std::move(stream)), limit);
}

}  // namespace aio
