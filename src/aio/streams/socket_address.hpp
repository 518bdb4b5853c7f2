#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <string>

#include "aio/address.hpp"

namespace aio::detail {

/// An address as the system's calls take and give it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

/// Throws std::system_error if the host is not numeric, ValueError if the path is too long.
SocketAddress to_socket_address(const Address& address);
Address to_address(const SocketAddress& address);
Address to_address(const sockaddr* address, socklen_t size);

/// The answer of getsockname or getpeername for `fd`; nothing if they fail.
SocketAddress local_address(int fd) noexcept;
SocketAddress remote_address(int fd) noexcept;

bool is_numeric(const std::string& host);

/// Throws ValueError for a number that is no port.
void require_port(int port);

/// The addresses of `host`; `passive`: those to listen on, all interfaces for an empty host.
Coro<std::vector<Address>> resolve(std::string host, std::string service, AddressFamily family,
                                   bool passive);

/// std::system_error of an errno value.
[[noreturn]] void throw_system_error(int error, const std::string& doing);

}  // namespace aio::detail
