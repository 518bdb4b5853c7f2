#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "aio/aio.hpp"
#include "support/await.hpp"

namespace support {

using Streams = std::pair<aio::StreamReader, aio::StreamWriter>;

/// The two sides of a TCP connection over loopback.
class Link {
 public:
  Link(Streams client, Streams server)
      : reader(std::move(client.first)),
        writer(std::move(client.second)),
        peer_reader(std::move(server.first)),
        peer_writer(std::move(server.second)) {}

  aio::StreamReader reader;
  aio::StreamWriter writer;
  aio::StreamReader peer_reader;
  aio::StreamWriter peer_writer;
};

/// What a server is given that hands its one client to a future.
inline auto hand_to(const aio::Future<Streams>& accepted) {
  return [accepted](aio::StreamReader reader, aio::StreamWriter writer) {
    accepted.set_result(Streams(std::move(reader), std::move(writer)));
  };
}

inline aio::Coro<Link> make_link(std::size_t limit = aio::default_limit) {
  auto accepted = aio::get_running_loop().create_future<Streams>();
  const auto accept = hand_to(accepted);
  auto server =
      co_await aio::start_server(accept, "127.0.0.1", 0, aio::ServerOptions().limit(limit));
  const int port = server.sockets().front().port();
  auto client = co_await aio::open_connection("127.0.0.1", port, limit);
  auto peer = co_await accepted;
  server.close();
  co_return Link(std::move(client), std::move(peer));
}

/// The code of the std::system_error that an await ended with.
inline std::error_code code_of(const Outcome& outcome) {
  try {
    if (outcome.failed) std::rethrow_exception(outcome.failed);
  } catch (const std::system_error& error) {
    return error.code();
  } catch (...) {
  }
  return {};
}

inline std::string what_of(const Outcome& outcome) {
  try {
    if (outcome.failed) std::rethrow_exception(outcome.failed);
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

/// How many descriptors the program has open, with those that libuv opens once for all loops.
inline auto count_descriptors() {
  static const aio::EventLoop once;
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

/// Bytes that are easy to check: no two places of a stretch of 251 are alike.
inline std::string make_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i % 251);
  return bytes;
}

}  // namespace support
