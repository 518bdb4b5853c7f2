#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <utility>

#include "jobs/output/output.hpp"
#include "support/loop_test.hpp"
#include "support/memory_file.hpp"

namespace support {

/// An output and its loop, which is closed first.
struct Writing {
  explicit Writing(int fd) : output(loop, fd) {
    std::signal(SIGPIPE, SIG_IGN);
    output.on_failure([this] { ++failures; });
    output.before_write([this] { ++writes; });
  }
  ~Writing() {
    CHECK(aio::all_tasks(loop).empty());
    loop.close();
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;

  int failures = 0;
  int writes = 0;
  aio::EventLoop loop;
  jobs::Output output;
};

/// Two ends that are connected and do not share their modes; the reader's does not block.
class SocketPair {
 public:
  SocketPair() {
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()) == 0);
    fcntl(reader(), F_SETFL, O_NONBLOCK);
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;
  ~SocketPair() {
    close_reader();
    ::close(ends_[1]);
  }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_reader() {
    if (ends_[0] >= 0) ::close(std::exchange(ends_[0], -1));
  }

 private:
  std::array<int, 2> ends_{};
};

/// Numbered lines, `size` bytes of them or a little more.
inline std::string lines_of(std::size_t size) {
  std::string lines;
  for (int i = 0; lines.size() < size; ++i) lines += "line " + std::to_string(i) + "\n";
  return lines;
}

/// Reads `size` bytes, `piece` at a time, and lets the loop go on after each.
inline aio::Coro<std::string> read_slowly(int fd, std::size_t size, std::size_t piece) {
  std::string text;
  std::string buffer(piece, '\0');
  while (text.size() < size) {
    const ssize_t count = ::read(fd, buffer.data(), piece);
    if (count > 0) text.append(buffer, 0, static_cast<std::size_t>(count));
    if (count > 0) {
      co_await aio::sleep(0);
    } else {
      co_await aio::sleep(100us);
    }
  }
  co_return text;
}

inline void make_blocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK); }
inline bool is_blocking(int fd) { return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0; }

/// Turns that the loop makes in `time` when nothing but the output uses it.
inline std::uint64_t turns_in(Writing& writing, aio::Duration time) {
  const auto before = writing.loop.turn_count();
  writing.loop.run_until_complete(aio::sleep(time));
  return writing.loop.turn_count() - before;
}

}  // namespace support
