#include <sys/time.h>

#include <csignal>

#include "aio/inspect.hpp"
#include "aio/inspect/inspect_socket.hpp"
#include "aio/inspect/wire.hpp"

namespace aio {

namespace {

/// Longer than the server waits for its loop's thread.
constexpr timeval answer_time{30, 0};

std::string read_all(int fd) {
  std::string text;
  char buffer[1 << 16];
  while (true) {
    const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
    if (size == 0) return text;
    if (size > 0) {
      text.append(buffer, static_cast<std::size_t>(size));
    } else if (errno == EAGAIN) {
      detail::throw_system_error(ETIMEDOUT, "the process does not answer");
    } else if (errno != EINTR) {
      detail::throw_system_error(errno, "cannot read the process's answer");
    }
  }
}

std::string ask(pid_t process) {
  const detail::OwnedDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) detail::throw_system_error(errno, "cannot make a socket");
  for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO}) {  // connecting counts as sending
    ::setsockopt(socket.get(), SOL_SOCKET, direction, &answer_time, sizeof answer_time);
  }
  const detail::InspectAddress address(process);
  if (::connect(socket.get(), address.get(), address.size) != 0) {
    const int error = errno;
    if (::kill(process, 0) != 0 && errno == ESRCH) {
      detail::throw_system_error(ESRCH, "there is no process " + std::to_string(process));
    }
    detail::throw_system_error(error, "process " + std::to_string(process) + " does not listen");
  }
  // The name is free for everybody to take: whoever has it must be that process.
  if (detail::peer_of(socket.get()).pid != process) {
    detail::throw_system_error(ECONNREFUSED, "another process answers in its name");
  }
  return read_all(socket.get());
}

}  // namespace

std::vector<TaskInfo> inspect_process(pid_t process) {
  const std::string who = "process " + std::to_string(process);
  const std::string answer = ask(process);
  if (answer == detail::denied_answer) {
    detail::throw_system_error(EACCES, who + " belongs to another user");
  }
  if (answer == detail::silent_answer) {
    detail::throw_system_error(ETIMEDOUT, who + ": the loop's thread does not answer");
  }
  if (!answer.ends_with("end\n")) {
    detail::throw_system_error(ECONNRESET, who + " went away before it had answered");
  }
  return detail::read_tasks(answer);
}

}  // namespace aio
