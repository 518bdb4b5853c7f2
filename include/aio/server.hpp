#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "aio/stream.hpp"
#include "aio/task.hpp"

namespace aio {

namespace detail {

class ServerState;

/// Serves one client; the server holds what it calls for as long as a client needs it.
using ClientConnected = std::function<Coro<void>(StreamReader, StreamWriter)>;

template <class F>
using ClientResult = std::invoke_result_t<F&, StreamReader, StreamWriter>;

/// A function of (StreamReader, StreamWriter), best a coroutine function.
template <class F>
concept ClientFunction = std::invocable<F&, StreamReader, StreamWriter> &&
                         (std::is_void_v<ClientResult<F>> || IsCoro<ClientResult<F>>);

template <class F>
Coro<void> serve_client(std::shared_ptr<F> f, StreamReader reader, StreamWriter writer) {
  if constexpr (std::is_void_v<ClientResult<F>>) {
    std::invoke(*f, std::move(reader), std::move(writer));
    co_return;
  } else {
    auto coro = std::invoke(*f, std::move(reader), std::move(writer));
    static_cast<void>(co_await std::move(coro));
  }
}

template <class F>
ClientConnected make_client_connected(F f) {
  return [shared = std::make_shared<F>(std::move(f))](StreamReader reader, StreamWriter writer) {
    return serve_client(shared, std::move(reader), std::move(writer));
  };
}

}  // namespace detail

/// How a server serves. Every setter returns the options: `ServerOptions().backlog(10)`.
class ServerOptions {
 public:
  ServerOptions() = default;

  /// The limit of the clients' readers.
  ServerOptions& limit(std::size_t bytes) { return set(limit_, bytes); }
  /// How many connections the kernel keeps until they are accepted.
  ServerOptions& backlog(int count) { return set(backlog_, count); }
  /// Whether an address may be used again at once after its last user has gone: yes.
  ServerOptions& reuse_address(bool value) { return set(reuse_address_, value); }
  /// Whether several sockets may listen on one port: no.
  ServerOptions& reuse_port(bool value) { return set(reuse_port_, value); }
  /// Whether it accepts connections from the start: yes; else from `start_serving` on.
  ServerOptions& start_serving(bool value) { return set(start_serving_, value); }
  /// Whether closing a Unix server removes its socket's file: yes.
  ServerOptions& cleanup_socket(bool value) { return set(cleanup_socket_, value); }

  std::size_t limit() const { return limit_; }
  int backlog() const { return backlog_; }
  bool reuse_address() const { return reuse_address_; }
  bool reuse_port() const { return reuse_port_; }
  bool start_serving() const { return start_serving_; }
  bool cleanup_socket() const { return cleanup_socket_; }

 private:
  template <class T>
  ServerOptions& set(T& member, T value) {
    member = value;
    return *this;
  }

  std::size_t limit_ = default_limit;
  int backlog_ = 100;
  bool reuse_address_ = true;
  bool reuse_port_ = false;
  bool start_serving_ = true;
  bool cleanup_socket_ = true;
};

/// Sockets that listen, and a task for each client that connects: asyncio's Server.
///
/// It is a handle: copies refer to the same server, and dropping them does not end it: it serves
/// until it is closed, or its loop is. Where the system has no descriptors left for a client, that
/// is reported and accepting goes on a second later. What a client's coroutine throws is reported,
/// and the client's connection closed. `aio::with(server, body)` closes it at the end, and waits.
/// Only the loop's thread may use it.
class Server {
 public:
  explicit Server(std::shared_ptr<detail::ServerState> state) : state_(std::move(state)) {}

  /// Stops listening. Connections that are open stay open. Closing twice does nothing.
  void close() const;
  /// Closes, or aborts, the connections that are open.
  void close_clients() const;
  void abort_clients() const;

  /// Resumes when the server is closed and so is every connection that it accepted.
  Coro<void> wait_closed() const;

  bool is_serving() const;
  /// The addresses that it listens on, with the port that the system chose where 0 was asked for;
  /// none once it is closed.
  std::vector<Address> sockets() const;

  /// Begins to accept, if it does not yet. Throws RuntimeError if it is closed.
  Coro<void> start_serving() const;

  /// Accepts until it is cancelled; then closes, waits as `wait_closed` does, and lets the
  /// cancellation pass. Closing the server cancels it. Throws RuntimeError if the server is closed,
  /// or somebody is in here already.
  Coro<void> serve_forever() const;

  /// For `aio::with`.
  Coro<void> enter() const;
  Coro<void> exit(std::exception_ptr exception) const;

 private:
  const std::shared_ptr<detail::ServerState>& state() const;
  std::shared_ptr<detail::ServerState> state_;
};

namespace detail {

Coro<Server> start_server(ClientConnected client_connected, std::optional<std::string> host,
                          int port, ServerOptions options);
Coro<Server> start_unix_server(ClientConnected client_connected, std::string path,
                               ServerOptions options);

}  // namespace detail

/// Starts a TCP server: `client_connected(reader, writer)`, a coroutine function or a plain one,
/// runs as a task for each client. It may be a lambda with captures: the server keeps it until the
/// last client's task has ended.
///
/// `host` is a name or an address, and every address of it is listened on; empty: all interfaces.
/// Port 0 has the system choose one, for each address its own. Throws ValueError for a port that is
/// none, std::system_error that names the address if it cannot be had.
template <class F>
Coro<Server> start_server(F&& client_connected, std::optional<std::string> host, int port,
                          ServerOptions options = ServerOptions()) {
  static_assert(detail::ClientFunction<std::decay_t<F>>,
                "client_connected takes a StreamReader and a StreamWriter, by value");
  static_assert(detail::can_be_temporary<F>,
                "GCC 12 destroys a temporary lambda with captures twice in an expression that "
                "awaits: name the lambda first, or capture by reference");
  return detail::start_server(
      detail::make_client_connected(std::decay_t<F>(std::forward<F>(client_connected))),
      std::move(host), port, options);
}

/// The same on a Unix socket. A socket's file that is there already is replaced. Throws ValueError
/// if the path is too long for a socket.
template <class F>
Coro<Server> start_unix_server(F&& client_connected, std::string path,
                               ServerOptions options = ServerOptions()) {
  static_assert(detail::ClientFunction<std::decay_t<F>>,
                "client_connected takes a StreamReader and a StreamWriter, by value");
  static_assert(detail::can_be_temporary<F>,
                "GCC 12 destroys a temporary lambda with captures twice in an expression that "
                "awaits: name the lambda first, or capture by reference");
  return detail::start_unix_server(
      detail::make_client_connected(std::decay_t<F>(std::forward<F>(client_connected))),
      std::move(path), options);
}

}  // namespace aio
