#include "aio/processes/child.hpp"

#include <sys/stat.h>

#include <csignal>

#include "aio/processes/text_pointers.hpp"

namespace aio::detail {

namespace {

using subprocess::Stdio;

std::vector<std::string> environment_of(const subprocess::Options& options) {
  std::vector<std::string> environment;
  if (!options.env()) return environment;
  for (const auto& [name, value] : *options.env()) {
    environment.push_back(name);
    environment.back().append("=").append(value);
  }
  return environment;
}

bool is_folder(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::string describe_failure(const std::string& program, const subprocess::Options& options) {
  const bool has_folder = !options.cwd() || is_folder(*options.cwd());
  return "cannot start " + program + (has_folder ? "" : " in the folder " + *options.cwd());
}

}  // namespace

ChildStreams::ChildStreams(const subprocess::Options& options) {
  const auto is_to_stdout = [](Stdio stdio) { return stdio.kind() == Stdio::Kind::to_stdout; };
  if (is_to_stdout(options.stdin()) || is_to_stdout(options.stdout())) {
    throw ValueError("STDOUT can only be used for stderr");
  }
  set(0, options.stdin());
  set(1, options.stdout());
  set(2, options.stderr());
}

void ChildStreams::set(std::size_t number, Stdio stdio) {
  uv_stdio_container_t& container = containers_[number];
  container.flags = UV_INHERIT_FD;
  switch (stdio.kind()) {
    case Stdio::Kind::inherit: container.data.fd = static_cast<int>(number); break;
    case Stdio::Kind::pipe: container.data.fd = make_pipe(number); break;
    case Stdio::Kind::devnull: container.flags = UV_IGNORE; break;  // libuv gives it /dev/null
    case Stdio::Kind::to_stdout: container = containers_[1]; break;
    case Stdio::Kind::descriptor:
      if (stdio.fd() < 0) throw ValueError("a file descriptor cannot be negative");
      container.data.fd = stdio.fd();
  }
}

// A pipe, where libuv would make a socket: a child may open /dev/stdin again, which a socket does
// not allow.
int ChildStreams::make_pipe(std::size_t number) {
  uv_file ends[2];
  throw_if_uv_error(uv_pipe(ends, 0, 0), "cannot make a pipe");
  const bool child_reads = number == 0;
  child_ends_[number] = OwnedDescriptor(ends[child_reads ? 0 : 1]);
  parent_ends_[number] = OwnedDescriptor(ends[child_reads ? 1 : 0]);
  return child_ends_[number].get();
}

void ChildProcess::start(const std::vector<std::string>& command,
                         const subprocess::Options& options) {
  if (options.limit() == 0) throw ValueError("Limit cannot be <= 0");
  ChildStreams streams(options);
  adopt_pipes(streams);
  spawn(command, options, streams);
  self_ = shared_from_this();
  start_pipes(options.limit());
  core_.resources.add(*this);  // after its pipes, so that its loop ends it before them
  is_resource_ = true;
}

void ChildProcess::adopt_pipes(ChildStreams& streams) {
  for (std::size_t number = 0; number < pipes_.size(); ++number) {
    const int fd = streams.parent_end(number).release();
    if (fd < 0) continue;
    pipes_[number] =
        std::make_shared<Transport>(core_, adopt_pipe(core_, fd), Transport::Kind::pipe);
  }
}

void ChildProcess::spawn(const std::vector<std::string>& command,
                         const subprocess::Options& options, ChildStreams& streams) {
  std::vector<std::string> arguments = command;
  const std::vector<char*> argument_pointers = pointers_to(arguments);
  std::vector<std::string> environment = environment_of(options);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  uv_process_options_t spawn{};
  spawn.file = arguments.front().c_str();
  spawn.args = const_cast<char**>(argument_pointers.data());
  if (options.env()) spawn.env = const_cast<char**>(environment_pointers.data());
  if (options.cwd()) spawn.cwd = options.cwd()->c_str();
  leads_group_ = options.start_new_session();
  if (leads_group_) spawn.flags = UV_PROCESS_DETACHED;
  spawn.stdio = streams.containers().data();
  spawn.stdio_count = static_cast<int>(streams.containers().size());
  spawn.exit_cb = [](uv_process_t* uv, std::int64_t status, int signal) {
    if (uv->data) static_cast<ChildProcess*>(uv->data)->on_exit(static_cast<int>(status), signal);
  };
  int status = 0;
  // Whether or not it can start the program, libuv knows the handle from here on.
  handle_.emplace(this, "cannot start a program", [&](uv_process_t* uv) {
    status = uv_spawn(core_.poller.uv(), uv, &spawn);
    return 0;
  });
  if (status < 0) handle_.reset();
  throw_if_uv_error(status, describe_failure(arguments.front(), options).c_str());
  pid_ = handle_->get()->pid;
}

void ChildProcess::start_pipes(std::size_t limit) {
  if (pipes_[0]) {
    pipes_[0]->start(nullptr);
    stdin_.emplace(std::make_shared<WriterState>(pipes_[0], nullptr));
  }
  for (std::size_t number : {1U, 2U}) {
    if (!pipes_[number]) continue;
    auto reader = std::make_shared<ReaderState>(limit);
    pipes_[number]->start(reader);
    outputs_[number - 1].emplace(std::move(reader));
  }
}

void ChildProcess::on_exit(int status, int signal) {
  const auto kept = std::move(self_);
  handle_.reset();
  returncode_ = signal != 0 ? -signal : status;
  leave_resources();
  exited_.wake_all();
}

void ChildProcess::leave_resources() noexcept {
  if (std::exchange(is_resource_, false)) core_.resources.remove(*this);
}

void ChildProcess::close() noexcept {
  // Before it can act on the end of its input.
  if (handle_) signal(SIGKILL);
  for (const auto& pipe : pipes_) {
    if (pipe) pipe->abort();
  }
}

// The handle stays until the child was reaped, which the loop waits for; unless it must not be
// killed.
void ChildProcess::end() noexcept {
  const auto kept = shared_from_this();
  close();
  leave_resources();
  if (!handle_ || uv_process_kill(handle_->get(), 0) != UV_EPERM) return;
  handle_.reset();
  self_.reset();
}

/// Gives libuv's status. Until the child is reaped, no other process has its number.
int ChildProcess::signal(int number) noexcept {
  return leads_group_ ? uv_kill(-pid_, number) : uv_process_kill(handle_->get(), number);
}

void ChildProcess::send_signal(int number) {
  const int status = handle_ ? signal(number) : UV_ESRCH;
  if (status < 0) {
    throw_if_uv_error(status, ("cannot signal the process " + std::to_string(pid_)).c_str());
  }
}

}  // namespace aio::detail
