#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aio/coro.hpp"

namespace aio {

/// Where a socket is: an IP address with its port, or the path of a Unix socket. A plain value.
class Address {
 public:
  /// No address: what a Unix socket that was never bound has.
  Address() = default;
  /// `host` is numeric: "127.0.0.1", "::1", "fe80::1%eth0".
  Address(std::string host, int port) : host_(std::move(host)), port_(port) {}
  /// A path that begins with a zero byte is one of Linux's abstract names.
  explicit Address(std::string path) : path_(std::move(path)) {}

  const std::string& host() const { return host_; }
  int port() const { return port_; }
  const std::string& path() const { return path_; }

  /// "127.0.0.1:8888", "[::1]:8888", or the path.
  std::string to_string() const;

  friend bool operator==(const Address&, const Address&) = default;

 private:
  std::string host_;
  int port_ = 0;
  std::string path_;
};

/// Which addresses `getaddrinfo` is to find.
enum class AddressFamily { any, ipv4, ipv6 };

/// The TCP addresses of `host` and `service` (a port's number or name), best first; an empty host
/// is this machine. Resumes when the system's resolver has answered; a numeric host needs none.
/// Throws std::system_error where there is no such host or service. A cancelled look-up is
/// withdrawn, or, where a thread is at it already, goes on alone and its answer goes nowhere.
Coro<std::vector<Address>> getaddrinfo(std::string host, std::string service,
                                       AddressFamily family = AddressFamily::any);
Coro<std::vector<Address>> getaddrinfo(std::string host, int port,
                                       AddressFamily family = AddressFamily::any);

}  // namespace aio
