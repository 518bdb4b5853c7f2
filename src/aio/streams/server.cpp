#include "aio/server.hpp"

#include "aio/sleep.hpp"
#include "aio/streams/server_state.hpp"

namespace aio {

namespace detail {

namespace {

Coro<void> start_serving(std::shared_ptr<ServerState> state) {
  state->start_serving();
  co_await sleep(0);
}

Coro<void> close_and_wait(std::shared_ptr<ServerState> state) {
  state->close();
  co_await ServerState::wait_closed(state);
}

void require_limit(const ServerOptions& options) {
  if (options.limit() == 0) throw ValueError("Limit cannot be <= 0");
}

Server open_server(LoopCore& core, ClientConnected client_connected,
                   std::vector<Listener> listeners, const ServerOptions& options) {
  auto state = std::make_shared<ServerState>(core, std::move(client_connected),
                                             std::move(listeners), options);
  state->open();
  try {
    if (options.start_serving()) state->start_serving();
  } catch (...) {
    state->close();
    throw;
  }
  return Server(state);
}

}  // namespace

Coro<Server> start_server(ClientConnected client_connected, std::optional<std::string> host,
                          int port, ServerOptions options) {
  LoopCore& core = running_core();
  require_port(port);
  require_limit(options);
  const auto addresses =
      co_await resolve(host.value_or(""), std::to_string(port), AddressFamily::any, true);
  co_return open_server(core, std::move(client_connected), bind_all(addresses, options), options);
}

Coro<Server> start_unix_server(ClientConnected client_connected, std::string path,
                               ServerOptions options) {
  LoopCore& core = running_core();
  require_limit(options);
  std::vector<Listener> listeners;
  listeners.push_back(Listener::bind_unix(path, options));
  co_return open_server(core, std::move(client_connected), std::move(listeners), options);
}

}  // namespace detail

const std::shared_ptr<detail::ServerState>& Server::state() const {
  detail::require(state_ != nullptr, "an empty Server was used");
  return state_;
}

void Server::close() const { state()->close(); }
void Server::close_clients() const { state()->close_clients(); }
void Server::abort_clients() const { state()->abort_clients(); }
Coro<void> Server::wait_closed() const { return detail::ServerState::wait_closed(state()); }
bool Server::is_serving() const { return state()->is_serving(); }

std::vector<Address> Server::sockets() const {
  std::vector<Address> addresses;
  for (const detail::Listener& listener : state()->listeners()) {
    addresses.push_back(listener.address());
  }
  return addresses;
}

Coro<void> Server::start_serving() const { return detail::start_serving(state()); }
Coro<void> Server::serve_forever() const { return detail::ServerState::serve_forever(state()); }
Coro<void> Server::enter() const { return detail::start_serving(state()); }
Coro<void> Server::exit(std::exception_ptr) const { return detail::close_and_wait(state()); }

}  // namespace aio
