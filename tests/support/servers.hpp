#pragma once

#include <string>

#include "aio/server.hpp"
#include "support/streams.hpp"

namespace support {

constexpr const char* loopback = "127.0.0.1";

/// Answers every line with itself.
inline aio::Coro<void> echo_lines(aio::StreamReader reader, aio::StreamWriter writer) {
  while (true) {
    const std::string line = co_await reader.readline();
    if (line.empty()) break;
    writer.write(line);
    co_await writer.drain();
  }
  writer.close();
}

inline int port_of(const aio::Server& server) { return server.sockets().front().port(); }

inline aio::Coro<Streams> connect_to(aio::Server server) {
  return aio::open_connection(loopback, port_of(server));
}

inline aio::Coro<std::string> echoed(Streams streams, std::string line) {
  streams.second.write(line);
  co_return co_await streams.first.readline();
}

}  // namespace support
