// A worker process: the far side of a ProcessPoolExecutor.

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "aio/process_pool_executor.hpp"
#include "aio/processes/process_protocol.hpp"
#include "aio/processes/remote_exception.hpp"

namespace aio {

namespace detail {

namespace {

#ifdef POLLRDHUP
constexpr short hang_up_event = POLLRDHUP;
#else
constexpr short hang_up_event = POLLHUP;
#endif

bool has_become_worker = false;

/// The socket to the pool, or -1 in a process that is no worker. The variable that names it is
/// taken from the environment, so that processes that a worker starts do not take themselves for
/// workers. The terminal's SIGINT is ignored: the program decides when its workers end.
int take_socket() {
  const char* const text = std::getenv(worker_variable);
  if (!text) return -1;
  const auto number = static_cast<int>(std::strtol(text, nullptr, 10));
  unsetenv(worker_variable);
  struct stat status {};
  if (number <= STDERR_FILENO || fstat(number, &status) != 0 || !S_ISSOCK(status.st_mode)) {
    return -1;
  }
  fcntl(number, F_SETFD, FD_CLOEXEC);
  fcntl(number, F_SETFL, fcntl(number, F_GETFL) & ~O_NONBLOCK);
  std::signal(SIGINT, SIG_IGN);
  return number;
}

int worker_socket() {
  static const int number = take_socket();
  return number;
}

/// Before `main`: whatever that does first, it does as a worker.
[[maybe_unused]] const int early = worker_socket();

using Functions = std::map<std::string, ProcessEntry>;

Functions& functions() {
  static Functions registered;
  return registered;
}

/// Ends the process when the program has gone or hung up while a function runs: nobody wants its
/// result any more. A worker without work sees that for itself.
class HangUpWatch {
 public:
  explicit HangUpWatch(int socket) {
    std::thread([this, socket] { watch(socket); }).detach();
  }

  void begin() {
    const std::lock_guard lock(mutex_);
    if (gone_) _exit(0);
    working_ = true;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    working_ = false;
  }

 private:
  void watch(int socket) {
    pollfd ends{socket, hang_up_event, 0};
    while (poll(&ends, 1, -1) < 0 && errno == EINTR) {
    }
    const std::lock_guard lock(mutex_);
    if (working_) _exit(0);
    gone_ = true;
  }

  std::mutex mutex_;
  bool working_ = false;
  bool gone_ = false;
};

/// The worker's end of the socket. A program that is not there any more ends the worker.
class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}

  void send(ReplyKind kind, std::string_view text = {}) const {
    const MessageSize size = text.size();
    std::string head(sizeof size + 1, static_cast<char>(kind));
    std::memcpy(head.data(), &size, sizeof size);
    send_bytes(head);
    send_bytes(text);
  }

  /// The next call; none when the pool has hung up.
  std::optional<std::string> receive() const {
    MessageSize size = 0;
    if (!receive_bytes(reinterpret_cast<char*>(&size), sizeof size)) return std::nullopt;
    std::string request(size, '\0');
    if (!receive_bytes(request.data(), size)) return std::nullopt;
    return request;
  }

 private:
  void send_bytes(std::string_view left) const {
    while (!left.empty()) {
      const ssize_t sent = ::send(socket_, left.data(), left.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EINTR) _exit(0);
      if (sent > 0) left.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  bool receive_bytes(char* to, std::size_t left) const {
    while (left > 0) {
      const ssize_t count = ::recv(socket_, to, left, 0);
      if (count == 0 || (count < 0 && errno != EINTR)) return false;
      if (count < 0) continue;
      to += count;
      left -= static_cast<std::size_t>(count);
    }
    return true;
  }

  int socket_;
};

/// Writes out the function's output before its call has ended: a worker may be killed at any time.
void flush_output() {
  std::cout.flush();
  std::fflush(stdout);
}

void serve(const Connection& connection, HangUpWatch& watch, const std::string& request) {
  ByteReader reader(request);
  const auto name = reader.read<std::string>();
  const auto function = functions().find(name);
  if (function == functions().end()) return connection.send(ReplyKind::unknown, name);
  watch.begin();
  connection.send(ReplyKind::called);
  ReplyKind kind = ReplyKind::result;
  std::string reply;
  try {
    ByteWriter result;
    function->second(reader, result);
    reply = std::move(result).take();
  } catch (...) {
    kind = ReplyKind::failure;
    reply = write_current_exception();
  }
  flush_output();
  watch.end();
  connection.send(kind, reply);
}

}  // namespace

void register_process_function(const std::string& name, ProcessEntry entry) {
  const auto [known, is_new] = functions().emplace(name, entry);
  require(is_new || known->second == entry, "two process functions have the same name");
}

bool may_start_workers() { return !is_process_worker() || has_become_worker; }

}  // namespace detail

bool is_process_worker() { return detail::worker_socket() >= 0; }

int process_worker_main() {
  using namespace detail;
  require(is_process_worker(), "process_worker_main() is for processes that are workers");
  has_become_worker = true;
#ifdef __linux__
  prctl(PR_SET_NAME, "aio-worker");  // else ps and top call it "exe"
#endif
  const Connection connection(worker_socket());
  static HangUpWatch& watch = *new HangUpWatch(worker_socket());  // its thread may outlive `main`
  connection.send(ReplyKind::ready);
  while (const auto request = connection.receive()) serve(connection, watch, *request);
  return 0;
}

}  // namespace aio
