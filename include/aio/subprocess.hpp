#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdio>  // whatever its stdin is as a macro, here and in every user it is the same
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aio/coro.hpp"
#include "aio/stream.hpp"

namespace aio {

namespace detail {
class ChildProcess;
class ChildOwner;
}  // namespace detail

namespace subprocess {

/// The place to which one of a child's standard streams leads: that of the parent's own unless it
/// is PIPE, DEVNULL, STDOUT (for stderr: wherever stdout goes), or a file descriptor of the parent,
/// which stays its own.
class Stdio {
 public:
  enum class Kind { inherit, pipe, devnull, to_stdout, descriptor };

  constexpr Stdio() = default;
  constexpr explicit Stdio(Kind kind) : kind_(kind) {}
  constexpr Stdio(int fd) : kind_(Kind::descriptor), fd_(fd) {}

  constexpr Kind kind() const { return kind_; }
  constexpr int fd() const { return fd_; }

 private:
  Kind kind_ = Kind::inherit;
  int fd_ = -1;
};

inline constexpr Stdio PIPE{Stdio::Kind::pipe};
inline constexpr Stdio STDOUT{Stdio::Kind::to_stdout};
inline constexpr Stdio DEVNULL{Stdio::Kind::devnull};

/// How a child process is started. Every setter returns the options:
/// `Options().stdin(PIPE).stdout(PIPE)`.
class Options {
 public:
  Options() = default;

  Options& stdin(Stdio value) { return set(stdin_, value); }
  Options& stdout(Stdio value) { return set(stdout_, value); }
  Options& stderr(Stdio value) { return set(stderr_, value); }
  /// The folder to start in: the parent's.
  Options& cwd(std::string value) { return set(cwd_, std::optional(std::move(value))); }
  /// The whole environment, its PATH included: the parent's.
  Options& env(std::map<std::string, std::string> value) {
    return set(env_, std::optional(std::move(value)));
  }
  /// Whether the child leads a session, and a process group, of its own: no. If it does, a signal
  /// reaches all of that group: the child and its own children, unless these left the group.
  Options& start_new_session(bool value) { return set(start_new_session_, value); }
  /// The limit of the readers of its pipes.
  Options& limit(std::size_t bytes) { return set(limit_, bytes); }

  Stdio stdin() const { return stdin_; }
  Stdio stdout() const { return stdout_; }
  Stdio stderr() const { return stderr_; }
  const std::optional<std::string>& cwd() const { return cwd_; }
  const std::optional<std::map<std::string, std::string>>& env() const { return env_; }
  bool start_new_session() const { return start_new_session_; }
  std::size_t limit() const { return limit_; }

 private:
  template <class T>
  Options& set(T& member, T value) {
    member = std::move(value);
    return *this;
  }

  Stdio stdin_;
  Stdio stdout_;
  Stdio stderr_;
  std::optional<std::string> cwd_;
  std::optional<std::map<std::string, std::string>> env_;
  bool start_new_session_ = false;
  std::size_t limit_ = default_limit;
};

/// A child process: asyncio's Process.
///
/// It is a handle: copies refer to the same process. When the last one is dropped, or the loop is
/// closed, the pipes are closed and a child that still runs is killed; nothing is left of it as a
/// zombie. Only the loop's thread may use it.
class Process {
 public:
  explicit Process(std::shared_ptr<detail::ChildOwner> owner);

  pid_t pid() const;
  /// How it ended: its exit status, or the negative number of the signal that ended it; nothing
  /// while it runs.
  std::optional<int> returncode() const;

  /// The other ends of its pipes. Throws RuntimeError for a stream that is no PIPE.
  StreamWriter stdin() const;
  StreamReader stdout() const;
  StreamReader stderr() const;

  /// Resumes when the process has ended, and gives its returncode. Many may wait. A cancelled wait
  /// leaves the process alone. A child whose pipe nobody reads may never end: `communicate` reads.
  Coro<int> wait() const;

  /// Sends `input` to its stdin and closes that, reads stdout and stderr to their ends, waits for
  /// the process, and gives the output on both; nothing from a stream that is no PIPE. That the
  /// process does not read all its input is no error. Cancelling leaves the process alone.
  Coro<std::pair<std::string, std::string>> communicate(std::string input = {}) const;

  /// Sends a signal, to the whole process group of a child that leads one (`start_new_session`);
  /// `terminate` SIGTERM, `kill` SIGKILL. Throws std::system_error (no_such_process) once it has
  /// ended.
  void send_signal(int signal) const;
  void terminate() const;
  void kill() const;

 private:
  const std::shared_ptr<detail::ChildOwner>& owner() const;
  detail::ChildProcess& state() const;
  std::shared_ptr<detail::ChildOwner> owner_;
};

}  // namespace subprocess

/// Starts `program`, looked for in PATH, with `arguments`, and gives the process once it runs.
/// Throws std::system_error, such as no_such_file_or_directory, that names the program if it cannot
/// be started; ValueError for options that make no sense.
Coro<subprocess::Process> create_subprocess_exec(
    std::string program, std::vector<std::string> arguments = {},
    subprocess::Options options = subprocess::Options());

/// The same for a command line of the shell.
Coro<subprocess::Process> create_subprocess_shell(
    std::string command, subprocess::Options options = subprocess::Options());

}  // namespace aio
