#include "aio/processes/worker.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "aio/detail/standard_streams.hpp"
#include "aio/process_pool_executor.hpp"
#include "aio/processes/process_protocol.hpp"
#include "aio/processes/remote_exception.hpp"
#include "aio/processes/text_pointers.hpp"

namespace aio::detail {

namespace {

constexpr std::size_t chunk_size = std::size_t{64} * 1024;
constexpr int chunks_max = 64;  // in one turn
constexpr std::size_t reserve_max = std::size_t{64} * 1024 * 1024;
constexpr int socket_number = 3;  // in the worker
constexpr std::size_t head_size = sizeof(MessageSize) + 1;

/// The environment of this process, with the worker's variable set.
std::vector<std::string> worker_environment() {
  std::vector<std::string> variables;
  const std::string start = std::string(worker_variable) + "=";
  for (char** variable = environ; *variable; ++variable) {
    if (!std::string_view(*variable).starts_with(start)) variables.emplace_back(*variable);
  }
  variables.push_back(start + std::to_string(socket_number));
  return variables;
}

std::string program_path() {
  std::array<char, 4096> buffer{};
  std::size_t size = buffer.size();
  throw_if_uv_error(uv_exepath(buffer.data(), &size), "cannot find the running program");
  return {buffer.data(), size};
}

/// The running program even if its file was replaced meanwhile.
std::string program_to_run() {
#ifdef __linux__
  return "/proc/self/exe";
#else
  return program_path();
#endif
}

uv_stdio_container_t inherit(int number) {
  uv_stdio_container_t container{};
  container.flags = is_open(number) ? UV_INHERIT_FD : UV_IGNORE;
  container.data.fd = number;
  return container;
}

}  // namespace

WorkerProcess::WorkerProcess(ProcessPool& pool, uv_loop_t* uv) : pool_(pool), chunk_(chunk_size) {
  require(may_start_workers(),
          "a worker process is not to start workers before its main() has called "
          "process_worker_main()");
  const OwnedDescriptor far_end = open_sockets(uv);
  // libuv knows the handle even if it could not start the process, so it has to be closed then too.
  int status = 0;
  process_.emplace(this, "cannot start a worker process", [&](uv_process_t* process) {
    status = spawn(uv, process, far_end.get());
    return 0;
  });
  throw_if_uv_error(status, "cannot start a worker process");
  // Work keeps the loop running; a worker that has none does not.
  uv_unref(reinterpret_cast<uv_handle_t*>(process_->get()));
  uv_unref(reinterpret_cast<uv_handle_t*>(poll_->get()));
  watch(UV_READABLE);
}

WorkerProcess::~WorkerProcess() = default;

// No libuv stream: writing to one that a killed worker has left raises SIGPIPE, and that is the
// program's to decide about.
OwnedDescriptor WorkerProcess::open_sockets(uv_loop_t* uv) {
  std::array<uv_os_sock_t, 2> ends{};
  throw_if_uv_error(uv_socketpair(SOCK_STREAM, 0, ends.data(), UV_NONBLOCK_PIPE, 0),
                    "cannot make a worker process's socket");
  OwnedDescriptor far_end(ends[1]);
  socket_ = OwnedDescriptor(ends[0]);
  poll_.emplace(this, "cannot watch a worker process's socket",
                [&](uv_poll_t* poll) { return uv_poll_init(uv, poll, socket_.get()); });
  return far_end;
}

int WorkerProcess::spawn(uv_loop_t* uv, uv_process_t* process, int socket) {
  std::vector<std::string> environment = worker_environment();
  const std::vector<char*> environment_pointers = pointers_to(environment);
  std::vector<std::string> words{program_path(), "aio-process-worker"};
  const std::vector<char*> word_pointers = pointers_to(words);
  const std::string program = program_to_run();

  uv_stdio_container_t nothing{};
  nothing.flags = UV_IGNORE;
  std::array<uv_stdio_container_t, socket_number + 1> stdio{
      nothing, inherit(STDOUT_FILENO), inherit(STDERR_FILENO), inherit(socket)};
  uv_process_options_t options{};
  options.file = program.c_str();
  options.args = const_cast<char**>(word_pointers.data());
  options.env = const_cast<char**>(environment_pointers.data());
  options.stdio = stdio.data();
  options.stdio_count = static_cast<int>(stdio.size());
  options.exit_cb = [](uv_process_t* ended, std::int64_t code, int signal) {
    if (ended->data) static_cast<WorkerProcess*>(ended->data)->on_exit(code, signal);
  };
  return uv_spawn(uv, process, &options);
}

void WorkerProcess::watch(int events) noexcept {
  const auto on_event = [](uv_poll_t* poll, int status, int occurred) {
    if (!poll->data) return;
    static_cast<WorkerProcess*>(poll->data)->on_event(status < 0 ? UV_READABLE : occurred);
  };
  if (poll_ && uv_poll_start(poll_->get(), events, on_event) < 0) kill();
}

void WorkerProcess::start(Ref<ProcessWork> work) {
  work_ = std::move(work);
  called_ = false;
  const MessageSize size = work_->request()->size();
  head_.assign(sizeof size, '\0');
  std::memcpy(head_.data(), &size, sizeof size);
  sent_ = 0;
  write();
}

// Sends as much as the socket takes, and the rest when it takes more.
void WorkerProcess::write() {
  if (!work_) return watch(UV_READABLE);
  const auto request = work_->request();
  while (sent_ < head_.size() + request->size()) {
    const std::string_view left = sent_ < head_.size()
                                      ? std::string_view(head_).substr(sent_)
                                      : std::string_view(*request).substr(sent_ - head_.size());
    const ssize_t count = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      sent_ += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return watch(UV_READABLE | UV_WRITABLE);
    } else if (errno != EINTR) {
      return kill();  // it has ended, or is to; that will be seen
    }
  }
  watch(UV_READABLE);
}

void WorkerProcess::kill() noexcept {
  ending_ = true;
  uv_process_kill(process_->get(), SIGKILL);
}

void WorkerProcess::hang_up() noexcept {
  ending_ = true;
  poll_.reset();
  socket_ = OwnedDescriptor();
}

void WorkerProcess::on_event(int events) {
  if ((events & UV_WRITABLE) != 0) write();
  if ((events & UV_READABLE) == 0 || read() != Read::end) return;
  poll_.reset();  // it has closed its end, and cannot be used any more
  kill();
}

/// Takes the bytes that are there, or the first part of many.
WorkerProcess::Read WorkerProcess::read() {
  for (int chunks = 0; chunks < chunks_max; ++chunks) {
    if (socket_.get() < 0) return Read::all;  // hung up
    const ssize_t count = ::recv(socket_.get(), chunk_.data(), chunk_.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Read::all : Read::end;
    if (count == 0) return Read::end;
    received_.append(chunk_.data(), static_cast<std::size_t>(count));
    take_messages();
  }
  return Read::some;
}

void WorkerProcess::take_messages() {
  while (received_.size() >= head_size) {
    MessageSize size = 0;
    std::memcpy(&size, received_.data(), sizeof size);
    if (received_.size() - head_size < size) {
      return received_.reserve(std::min<std::size_t>(head_size + size, reserve_max));
    }
    const char kind = received_[sizeof size];
    std::string text = received_.substr(head_size, size);
    received_.erase(0, head_size + size);
    take_message(kind, std::move(text));
  }
}

void WorkerProcess::take_message(char kind, std::string text) {
  switch (static_cast<ReplyKind>(kind)) {
    case ReplyKind::ready: ready_ = true; break;
    case ReplyKind::called: called_ = true; break;
    case ReplyKind::result: answer(std::move(text)); break;
    case ReplyKind::failure: answer(read_exception(text)); break;
    case ReplyKind::unknown:
      answer(std::make_exception_ptr(
          RuntimeError("worker processes know no function named '" + text +
                       "': make it known with aio::process_function at namespace scope")));
      break;
    default: kill();
  }
}

void WorkerProcess::answer(ProcessReply reply) {
  if (!work_) return;
  pool_.on_reply(std::exchange(work_, nullptr), std::move(reply));
}

// Bytes that the worker wrote before it ended count: the result may be among them.
void WorkerProcess::on_exit(std::int64_t code, int signal) {
  ending_ = true;
  while (read() == Read::some) {
  }
  // One that SIGINT killed before it could ignore that has done nothing wrong.
  const bool was_called = called_ || !(ready_ || signal == SIGINT);
  const std::string how = describe_end(code, signal);
  pool_.on_worker_end(*this, std::exchange(work_, nullptr), was_called, how);
}

std::string WorkerProcess::describe_end(std::int64_t code, int signal) const {
  std::string text = "the worker process " + std::to_string(uv_process_get_pid(process_->get()));
  if (signal != 0) {
    text += " was killed by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  } else {
    text += " ended with exit code " + std::to_string(code);
  }
  if (!ready_) {
    return text +
           " before it was ready; does main() begin with `if (aio::is_process_worker()) return "
           "aio::process_worker_main();`?";
  }
  return work_ ? text + (called_ ? " while it ran '" : " before it called '") + work_->name() + "'"
               : text;
}

}  // namespace aio::detail
