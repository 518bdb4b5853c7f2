#include "aio/address.hpp"

#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <uv.h>

#include <array>
#include <cstring>

#include "aio/error.hpp"
#include "aio/streams/socket_address.hpp"

namespace aio {

std::string Address::to_string() const {
  if (host_.empty()) return path_;
  const bool needs_brackets = host_.find(':') != std::string::npos;
  return (needs_brackets ? "[" + host_ + "]" : host_) + ":" + std::to_string(port_);
}

namespace detail {

namespace {

bool parse_ip(const std::string& host, int port, SocketAddress& address) {
  if (uv_ip4_addr(host.c_str(), port, reinterpret_cast<sockaddr_in*>(&address.storage)) == 0) {
    address.size = sizeof(sockaddr_in);
    return true;
  }
  if (uv_ip6_addr(host.c_str(), port, reinterpret_cast<sockaddr_in6*>(&address.storage)) == 0) {
    address.size = sizeof(sockaddr_in6);
    return true;
  }
  return false;
}

SocketAddress to_unix(const std::string& path) {
  SocketAddress address;
  auto& out = reinterpret_cast<sockaddr_un&>(address.storage);
  const bool is_abstract = path.starts_with('\0');
  if (path.size() + (is_abstract ? 0 : 1) > sizeof out.sun_path) {
    throw ValueError("AF_UNIX path too long: " + path);
  }
  out.sun_family = AF_UNIX;
  std::memcpy(out.sun_path, path.data(), path.size());
  const std::size_t size = offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1);
  address.size = static_cast<socklen_t>(size);
  return address;
}

Address from_unix(const sockaddr_un& address, socklen_t size) {
  const std::size_t length = size - offsetof(sockaddr_un, sun_path);
  if (size <= offsetof(sockaddr_un, sun_path)) return Address();
  if (address.sun_path[0] == '\0') return Address(std::string(address.sun_path, length));
  return Address(std::string(address.sun_path, strnlen(address.sun_path, length)));
}

/// Numeric, with the scope of a link-local address.
std::string host_of(const sockaddr* address, socklen_t size) {
  std::array<char, NI_MAXHOST> host{};
  const int status =
      ::getnameinfo(address, size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
  return status == 0 ? host.data() : "";
}

template <class Get>
SocketAddress ask(Get get, int fd) noexcept {
  SocketAddress address;
  address.size = sizeof address.storage;
  if (get(fd, address.get(), &address.size) != 0) address.size = 0;
  return address;
}

}  // namespace

SocketAddress to_socket_address(const Address& address) {
  if (address.host().empty()) return to_unix(address.path());
  SocketAddress result;
  if (!parse_ip(address.host(), address.port(), result)) {
    throw_system_error(EINVAL, "no numeric address: " + address.host());
  }
  return result;
}

Address to_address(const sockaddr* address, socklen_t size) {
  if (size == 0) return Address();
  switch (address->sa_family) {
    case AF_INET:
      return Address(host_of(address, size),
                     ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port));
    case AF_INET6:
      return Address(host_of(address, size),
                     ntohs(reinterpret_cast<const sockaddr_in6*>(address)->sin6_port));
    case AF_UNIX: return from_unix(*reinterpret_cast<const sockaddr_un*>(address), size);
    default: return Address();
  }
}

Address to_address(const SocketAddress& address) { return to_address(address.get(), address.size); }

SocketAddress local_address(int fd) noexcept { return ask(::getsockname, fd); }
SocketAddress remote_address(int fd) noexcept { return ask(::getpeername, fd); }

bool is_numeric(const std::string& host) {
  SocketAddress ignored;
  return parse_ip(host, 0, ignored);
}

void require_port(int port) {
  if (port < 0 || port > 65'535) throw ValueError("port must be 0-65535.");
}

void throw_system_error(int error, const std::string& doing) {
  throw std::system_error(-error, uv_category(), doing);
}

}  // namespace detail
}  // namespace aio
