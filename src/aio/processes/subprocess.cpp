#include "aio/subprocess.hpp"

#include <csignal>

#include "aio/gather.hpp"
#include "aio/processes/child.hpp"

namespace aio {

namespace subprocess {

namespace {

using Owner = std::shared_ptr<detail::ChildOwner>;

Coro<int> wait_for(Owner owner) {
  detail::ChildProcess& process = *owner->state;
  if (!process.returncode()) co_await process.exited().wait();
  co_return *process.returncode();
}

bool is_of_the_reader(const std::system_error& error) {
  return error.code() == std::errc::broken_pipe || error.code() == std::errc::connection_reset;
}

Coro<void> feed(std::optional<StreamWriter> stdin_writer, std::string input) {
  if (!stdin_writer) co_return;
  try {
    if (!input.empty()) stdin_writer->write(input);
    co_await stdin_writer->drain();
  } catch (const std::system_error& error) {
    if (!is_of_the_reader(error)) throw;  // it need not read all
  }
  stdin_writer->close();
}

Coro<std::string> collect(std::optional<StreamReader> reader) {
  std::string output;
  if (reader) output = co_await reader->read();
  co_return output;
}

Coro<std::pair<std::string, std::string>> communicate_with(Owner owner, std::string input) {
  const detail::ChildProcess& process = *owner->state;
  auto fed = feed(process.stdin(), std::move(input));
  auto out = collect(process.output(1));
  auto err = collect(process.output(2));
  auto outcome = co_await gather(std::move(fed), std::move(out), std::move(err));
  co_await wait_for(owner);
  auto& [fed_all, output, errors] = outcome;
  static_cast<void>(fed_all);
  co_return std::pair(std::move(output), std::move(errors));
}

template <class T>
T require_pipe(const std::optional<T>& stream, const char* name) {
  if (!stream) throw RuntimeError(std::string(name) + " of the process is not a PIPE");
  return *stream;
}

}  // namespace

Process::Process(Owner owner) : owner_(std::move(owner)) {}

const Owner& Process::owner() const {
  detail::require(owner_ != nullptr, "an empty Process was used");
  return owner_;
}

detail::ChildProcess& Process::state() const { return *owner()->state; }
pid_t Process::pid() const { return state().pid(); }
std::optional<int> Process::returncode() const { return state().returncode(); }

StreamWriter Process::stdin() const { return require_pipe(state().stdin(), "stdin"); }
StreamReader Process::stdout() const { return require_pipe(state().output(1), "stdout"); }
StreamReader Process::stderr() const { return require_pipe(state().output(2), "stderr"); }

Coro<int> Process::wait() const { return wait_for(owner()); }

Coro<std::pair<std::string, std::string>> Process::communicate(std::string input) const {
  return communicate_with(owner(), std::move(input));
}

void Process::send_signal(int signal) const { state().send_signal(signal); }
void Process::terminate() const { send_signal(SIGTERM); }
void Process::kill() const { send_signal(SIGKILL); }

}  // namespace subprocess

Coro<subprocess::Process> create_subprocess_exec(std::string program,
                                                 std::vector<std::string> arguments,
                                                 subprocess::Options options) {
  detail::LoopCore& core = detail::running_core();
  auto state = std::make_shared<detail::ChildProcess>(core);
  arguments.insert(arguments.begin(), std::move(program));
  state->start(arguments, options);
  co_return subprocess::Process(std::make_shared<detail::ChildOwner>(std::move(state)));
}

Coro<subprocess::Process> create_subprocess_shell(std::string command,
                                                  subprocess::Options options) {
  std::vector<std::string> arguments;
  arguments.emplace_back("-c");
  arguments.push_back(std::move(command));
  return create_subprocess_exec("/bin/sh", std::move(arguments), std::move(options));
}

}  // namespace aio
