#include "aio/streams/server_state.hpp"

#include <cerrno>

#include "aio/event_loop.hpp"

namespace aio::detail {

namespace {

/// How long accepting rests where the system has no descriptors left: CPython's figure.
constexpr auto accept_retry_delay = std::chrono::seconds(1);

bool is_out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/// Errors of accept() that concern one client, and not the socket that accepts others.
bool is_of_the_client(int error) {
  return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM;
}

/// Runs a client's coroutine. However it fails, the connection is closed, and nobody but the
/// exception handler can be told.
Coro<void> attend(std::weak_ptr<Transport> client, Coro<void> serve) {
  const auto close_client = [](const std::weak_ptr<Transport>& connection) {
    if (const auto open = connection.lock()) open->close();
  };
  try {
    co_await std::move(serve);
  } catch (const CancelledError&) {
    close_client(client);
    throw;
  } catch (...) {
    close_client(client);
    require_running_loop().report(
        {"Unhandled exception in client_connected_cb", std::current_exception(), "Server"});
  }
}

}  // namespace

ServerState::ServerState(LoopCore& core, ClientConnected client_connected,
                         std::vector<Listener> listeners, const ServerOptions& options)
    : core_(core),
      client_connected_(std::move(client_connected)),
      options_(options),
      listeners_(std::move(listeners)) {}

void ServerState::open() {
  self_ = shared_from_this();
  core_.resources.add(*this);
  open_ = true;
}

void ServerState::start_serving() {
  if (serving_) return;
  if (!open_) throw RuntimeError("server is closed");
  for (const Listener& listener : listeners_) listener.listen(options_.backlog());
  try {
    for (const Listener& listener : listeners_) watch(listener);
  } catch (...) {
    stop_accepting();
    throw;
  }
  serving_ = true;
}

void ServerState::watch(const Listener& listener) {
  core_.descriptors.set(listener.fd(), Descriptors::Direction::read,
                        [this, &listener] { accept_from(listener); });
}

// The number of connections that are accepted in one go is bounded, so that others have their turn.
void ServerState::accept_from(const Listener& listener) {
  const auto kept = shared_from_this();
  for (int i = 0; i < std::max(options_.backlog(), 1) && serving_; ++i) {
    const int fd = listener.accept();
    if (fd >= 0) {
      attach(fd, listener.is_unix());
      continue;
    }
    const int error = -fd;
    if (error == EAGAIN || error == EWOULDBLOCK) return;
    if (is_of_the_client(error)) continue;
    if (is_out_of_resources(error)) return retry_later(listener, error);
    return report("cannot accept a connection", error);
  }
}

// The kernel would report the waiting connection again and again.
void ServerState::retry_later(const Listener& listener, int error) {
  report("socket.accept() out of system resource", error);
  if (!serving_) return;  // the exception handler has closed it, and the listener is gone
  core_.descriptors.remove(listener.fd(), Descriptors::Direction::read);
  retries_[listener.fd()] =
      core_.event_loop->call_later(accept_retry_delay, [this, &listener] { watch(listener); });
}

void ServerState::attach(int fd, bool is_unix) {
  std::shared_ptr<Transport> client;
  try {
    UvStream stream = is_unix ? adopt_pipe(core_, fd) : adopt_tcp(core_, fd);
    client = std::make_shared<Transport>(core_, std::move(stream), Transport::Kind::socket);
  } catch (const std::system_error& error) {
    core_.report({"cannot serve a connection", std::current_exception(), "Server"});
    return;
  }
  clients_.insert(client);
  auto [reader, writer] =
      start_streams(client, options_.limit(),
                    [self = shared_from_this()](Transport& lost) { self->detach(lost); });
  Coro<void> serve = client_connected_(std::move(reader), std::move(writer));
  static_cast<void>(core_.event_loop->create_task(attend(client, std::move(serve))));
}

void ServerState::detach(Transport& client) {
  clients_.erase(client.shared_from_this());
  if (is_over()) over_.wake_all();
}

void ServerState::stop_accepting() noexcept {
  for (const Listener& listener : listeners_) {
    core_.descriptors.remove(listener.fd(), Descriptors::Direction::read);
  }
  for (const auto& [fd, retry] : retries_) retry.cancel();
  retries_.clear();
  serving_ = false;
}

void ServerState::close() {
  if (!open_) return;
  const auto kept = std::move(self_);
  open_ = false;
  stop_accepting();
  listeners_.clear();
  core_.resources.remove(*this);
  if (forever_ && !forever_.done()) forever_.cancel();
  if (is_over()) over_.wake_all();
}

void ServerState::close_clients() {
  const auto clients = clients_;
  for (const auto& client : clients) client->close();
}

void ServerState::abort_clients() {
  const auto clients = clients_;
  for (const auto& client : clients) client->abort();
}

Coro<void> ServerState::wait_closed(std::shared_ptr<ServerState> self) {
  if (!self->is_over()) co_await self->over_.wait();
}

Coro<void> ServerState::serve_forever(std::shared_ptr<ServerState> self) {
  if (self->forever_) throw RuntimeError("server is already being awaited on serve_forever()");
  self->start_serving();
  self->forever_ = self->core_.event_loop->create_future();
  const Future<void> forever = self->forever_;
  std::exception_ptr cancelled;
  try {
    co_await forever;
  } catch (const CancelledError&) {
    cancelled = std::current_exception();
  }
  self->forever_ = {};
  self->close();
  co_await wait_closed(self);
  std::rethrow_exception(cancelled);
}

void ServerState::report(const char* what, int error) {
  core_.report({what, std::make_exception_ptr(std::system_error(-error, uv_category())), "Server"});
}

}  // namespace aio::detail
