#include "aio/streams/listener.hpp"

#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "aio/error.hpp"

namespace aio::detail {

namespace {

void turn_on(int fd, int level, int option) {
  const int on = 1;
  if (::setsockopt(fd, level, option, &on, sizeof on) != 0) {
    throw_system_error(errno, "cannot set a socket option");
  }
}

ino_t inode_of_socket(const std::string& path) {
  struct stat status {};
  const bool is_socket = ::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
  return is_socket ? status.st_ino : 0;
}

}  // namespace

Listener::Listener(int family, const std::string& where)
    : socket_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      is_unix_(family == AF_UNIX) {
  if (fd() < 0) throw_system_error(errno, "cannot make a socket for " + where);
}

Listener::Listener(Listener&& other) noexcept
    : socket_(std::move(other.socket_)),
      is_unix_(other.is_unix_),
      file_(std::exchange(other.file_, {})),
      inode_(other.inode_) {}

Listener::~Listener() {
  if (!file_.empty() && inode_of_socket(file_) == inode_) ::unlink(file_.c_str());
}

void Listener::bind(const SocketAddress& address, const std::string& where) {
  if (::bind(fd(), address.get(), address.size) == 0) return;
  throw_system_error(errno, "error while attempting to bind on address " + where);
}

Listener Listener::bind_tcp(const Address& address, const ServerOptions& options) {
  const SocketAddress target = to_socket_address(address);
  Listener listener(target.family(), address.to_string());
  if (options.reuse_address()) turn_on(listener.fd(), SOL_SOCKET, SO_REUSEADDR);
  if (options.reuse_port()) turn_on(listener.fd(), SOL_SOCKET, SO_REUSEPORT);
  // IPv4 has a socket of its own; one for both would be in its way.
  if (target.family() == AF_INET6) turn_on(listener.fd(), IPPROTO_IPV6, IPV6_V6ONLY);
  listener.bind(target, address.to_string());
  return listener;
}

Listener Listener::bind_unix(const std::string& path, const ServerOptions& options) {
  const SocketAddress target = to_socket_address(Address(path));
  const bool is_abstract = path.starts_with('\0');
  Listener listener(AF_UNIX, path);
  if (!is_abstract && inode_of_socket(path) != 0) ::unlink(path.c_str());
  listener.bind(target, path);
  if (options.cleanup_socket() && !is_abstract) {
    listener.file_ = path;
    listener.inode_ = inode_of_socket(path);
  }
  return listener;
}

void Listener::listen(int backlog) const {
  if (::listen(fd(), backlog) == 0) return;
  throw_system_error(errno, "cannot listen on " + address().to_string());
}

int Listener::accept() const noexcept {
  const int client = ::accept4(fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  return client >= 0 ? client : -errno;
}

std::vector<Listener> bind_all(const std::vector<Address>& addresses,
                               const ServerOptions& options) {
  std::vector<Listener> listeners;
  std::optional<std::system_error> skipped;
  for (const Address& address : addresses) {
    try {
      listeners.push_back(Listener::bind_tcp(address, options));
    } catch (const std::system_error& error) {
      const bool has_no_family = error.code() == std::errc::address_family_not_supported ||
                                 error.code() == std::errc::address_not_available;
      if (!has_no_family) throw;
      skipped = error;
    }
  }
  if (listeners.empty() && skipped) throw std::system_error(*skipped);
  return listeners;
}

}  // namespace aio::detail
