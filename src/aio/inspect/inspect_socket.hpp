#pragma once

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include <cstddef>
#include <string>

#include "aio/loop/owned_descriptor.hpp"
#include "aio/streams/socket_address.hpp"

namespace aio::detail {

/// The abstract Unix socket on which a process answers.
struct InspectAddress {
  explicit InspectAddress(pid_t process) {
    const std::string name = "aio-inspect-" + std::to_string(process);
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, sizeof address.sun_path - 1);  // after a 0: no file
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }

  sockaddr_un address{};
  socklen_t size;
};

/// The process at the other end, by its user and number.
inline ucred peer_of(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) peer.uid = uid_t(-1);
  return peer;
}

/// The answers of a server that sends no tasks.
inline constexpr const char* denied_answer = "denied\n";
inline constexpr const char* silent_answer = "silent\n";

}  // namespace aio::detail
