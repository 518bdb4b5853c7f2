#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "aio/future.hpp"
#include "aio/streams/listener.hpp"
#include "aio/streams/transport.hpp"

namespace aio::detail {

/// The state that all copies of a Server share. It keeps itself alive until it is closed.
class ServerState final : public std::enable_shared_from_this<ServerState>, public Resource {
 public:
  ServerState(LoopCore& core, ClientConnected client_connected, std::vector<Listener> listeners,
              const ServerOptions& options);

  void open();
  void start_serving();
  void close();
  void close_clients();
  void abort_clients();

  bool is_open() const { return open_; }
  bool is_serving() const { return serving_; }
  const std::vector<Listener>& listeners() const { return listeners_; }

  static Coro<void> wait_closed(std::shared_ptr<ServerState> self);
  static Coro<void> serve_forever(std::shared_ptr<ServerState> self);

  void stop_accepting() noexcept override;
  void end() noexcept override { close(); }

 private:
  void watch(const Listener& listener);
  void accept_from(const Listener& listener);
  void retry_later(const Listener& listener, int error);
  void attach(int fd, bool is_unix);
  void detach(Transport& client);
  bool is_over() const { return !open_ && clients_.empty(); }
  void report(const char* what, int error);

  LoopCore& core_;
  const ClientConnected client_connected_;
  const ServerOptions options_;
  std::vector<Listener> listeners_;
  std::map<int, TimerHandle> retries_;  // by the listener's descriptor
  std::set<std::shared_ptr<Transport>> clients_;
  std::shared_ptr<ServerState> self_;
  Future<void> forever_;  // while a task is in serve_forever
  Wakeup over_;
  bool open_ = false;
  bool serving_ = false;
};

}  // namespace aio::detail
