#pragma once

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "aio/subprocess.hpp"

namespace support {

using Output = std::pair<std::string, std::string>;

constexpr std::size_t plenty = 3 << 20;  // more than any pipe holds

inline aio::subprocess::Options piped() {
  using aio::subprocess::PIPE;
  return aio::subprocess::Options().stdin(PIPE).stdout(PIPE).stderr(PIPE);
}

inline aio::Coro<aio::subprocess::Process> shell(std::string command) {
  return aio::create_subprocess_shell(std::move(command), piped());
}

/// Neither running nor a zombie.
inline bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

/// No child is left, dead or alive.
inline bool has_no_children() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }

}  // namespace support
