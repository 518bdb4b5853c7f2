#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "measure.hpp"

// The client of all contenders: bench-echo-client CONTENDER SERVER [ARGUMENT …] [--smoke] starts
// the server, which prints the port that it listens on, and has 64 connections send a message of 1
// KiB and wait for it to come back, over and over. It is plain epoll, so that it is never what the
// server waits for longer than it must, and tells how many messages came back in a second and how
// much processor time the server took for one.

namespace {

constexpr int connections = 64;
constexpr std::size_t message_size = 1024;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Server {
  pid_t pid;
  int port;
};

Server start(char** command) {
  std::array<int, 2> output{};
  if (pipe(output.data()) != 0) die("pipe");
  const pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid == 0) {
    dup2(output[1], STDOUT_FILENO);
    close(output[0]);
    close(output[1]);
    execvp(command[0], command);
    die(command[0]);
  }
  close(output[1]);
  FILE* const lines = fdopen(output[0], "r");
  int port = 0;
  if (std::fscanf(lines, "%d", &port) != 1) die("the server's port");
  std::fclose(lines);
  return {pid, port};
}

/// Ends the server; the processor time that it has used, in nanoseconds.
std::int64_t end(const Server& server) {
  kill(server.pid, SIGKILL);
  rusage usage{};
  if (wait4(server.pid, nullptr, 0, &usage) < 0) die("wait4");
  const auto in_ns = [](const timeval& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + std::int64_t{time.tv_usec} * 1000;
  };
  return in_ns(usage.ru_utime) + in_ns(usage.ru_stime);
}

class Connection {
 public:
  explicit Connection(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      die("connect");
    }
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  int fd() const { return fd_; }

  void send() {
    static const std::string message(message_size, 'x');
    if (::send(fd_, message.data(), message.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(message.size())) {
      die("send");
    }
    received_ = 0;
  }

  /// Whether the whole message has come back.
  bool receive() {
    std::array<char, message_size> buffer;
    const ssize_t count = recv(fd_, buffer.data(), buffer.size() - received_, 0);
    if (count <= 0) die("recv");
    received_ += static_cast<std::size_t>(count);
    return received_ == message_size;
  }

 private:
  int fd_;
  std::size_t received_ = 0;
};

std::int64_t exchange_until(std::int64_t end, int port) {
  std::vector<Connection> all;
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < connections; ++i) {
    all.emplace_back(port);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<std::uint32_t>(i);
    epoll_ctl(poll, EPOLL_CTL_ADD, all.back().fd(), &event);
  }
  for (Connection& connection : all) connection.send();
  std::int64_t messages = 0;
  std::array<epoll_event, connections> events;
  while (bench::now_ns() < end) {
    const int count = epoll_wait(poll, events.data(), connections, 1000);
    for (int i = 0; i < count; ++i) {
      Connection& connection = all[events[static_cast<std::size_t>(i)].data.u32];
      if (!connection.receive()) continue;
      ++messages;
      connection.send();
    }
  }
  return messages;
}

}  // namespace

int main(int argc, char** argv) {
  const bool smoke = argc > 1 && std::string_view(argv[argc - 1]) == "--smoke";
  if (smoke) argv[--argc] = nullptr;
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s CONTENDER SERVER [ARGUMENT ...] [--smoke]\n", argv[0]);
    return 64;
  }
  const Server server = start(argv + 2);
  const std::int64_t start = bench::now_ns();
  const std::int64_t duration = smoke ? 50'000'000 : 2'000'000'000;
  const auto messages = static_cast<double>(exchange_until(start + duration, server.port));
  const auto elapsed = static_cast<double>(bench::now_ns() - start);
  const auto used = static_cast<double>(end(server));
  bench::print(argv[1], "messages", messages * 1e9 / elapsed);
  bench::print(argv[1], "cpu", used / messages);
}
