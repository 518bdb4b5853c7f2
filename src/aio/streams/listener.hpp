#pragma once

#include <string>
#include <vector>

#include "aio/loop/owned_descriptor.hpp"
#include "aio/server.hpp"
#include "aio/streams/socket_address.hpp"

namespace aio::detail {

/// A socket that is bound, and listens once it is told to. Closing it removes the file of a Unix
/// socket, if that is still its own and was to be removed.
class Listener {
 public:
  /// Throws std::system_error that names the address.
  static Listener bind_tcp(const Address& address, const ServerOptions& options);
  static Listener bind_unix(const std::string& path, const ServerOptions& options);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  void listen(int backlog) const;
  /// A connection, or the negative errno.
  int accept() const noexcept;

  int fd() const { return socket_.get(); }
  bool is_unix() const { return is_unix_; }
  Address address() const { return to_address(local_address(fd())); }

 private:
  Listener(int family, const std::string& where);
  void bind(const SocketAddress& address, const std::string& where);

  OwnedDescriptor socket_;
  bool is_unix_;
  std::string file_;  // to be removed
  ino_t inode_ = 0;
};

/// One for every address that `host` has; those of a family that the system does not have are left
/// out. Throws std::system_error if that leaves none.
std::vector<Listener> bind_all(const std::vector<Address>& addresses, const ServerOptions& options);

}  // namespace aio::detail
