#include "worker_process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <string_view>

#include "aio/process_pool_executor.hpp"
#include "process_protocol.hpp"
#include "remote_exception.hpp"

namespace aio::detail {

namespace {

constexpr std::size_t chunk_size = 64 * 1024;
constexpr std::size_t reserve_max = 64 * 1024 * 1024;
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

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
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
  container.flags = fcntl(number, F_GETFD) < 0 ? UV_IGNORE : UV_INHERIT_FD;
  container.data.fd = number;
  return container;
}

}  // namespace

/// A message on its way; libuv owns it until it is written.
struct WorkerProcess::Write {
  uv_write_t request;
  MessageSize size;
  std::shared_ptr<const std::string> text;
};

WorkerProcess::WorkerProcess(ProcessPool& pool, uv_loop_t* uv) : pool_(pool), chunk_(chunk_size) {
  require(may_start_workers(),
          "a worker process is not to start workers before its main() has called "
          "process_worker_main()");
  pipe_.emplace(this, "cannot make a worker process's pipe",
                [uv](uv_pipe_t* pipe) { return uv_pipe_init(uv, pipe, 0); });
  // libuv knows the handle even if it could not start the process, so it has to be closed then too.
  process_.emplace(this, "cannot start a worker process", [this, uv](uv_process_t* process) {
    status_ = spawn(uv, process);
    return 0;
  });
  throw_if_uv_error(status_, "cannot start a worker process");
  start_reading();
}

WorkerProcess::~WorkerProcess() = default;

int WorkerProcess::spawn(uv_loop_t* uv, uv_process_t* process) {
  std::vector<std::string> environment = worker_environment();
  const std::vector<char*> environment_pointers = pointers_to(environment);
  std::vector<std::string> words{program_path(), "aio-process-worker"};
  const std::vector<char*> word_pointers = pointers_to(words);
  const std::string program = program_to_run();

  uv_stdio_container_t socket{};
  socket.flags = static_cast<uv_stdio_flags>(UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE);
  socket.data.stream = reinterpret_cast<uv_stream_t*>(pipe_->get());
  uv_stdio_container_t nothing{};
  nothing.flags = UV_IGNORE;
  std::array<uv_stdio_container_t, socket_number + 1> stdio{nothing, inherit(STDOUT_FILENO),
                                                            inherit(STDERR_FILENO), socket};
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

void WorkerProcess::start_reading() {
  const auto allocate = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    auto* const self = static_cast<WorkerProcess*>(handle->data);
    *buffer = self ? uv_buf_init(self->chunk_.data(), chunk_size) : uv_buf_init(nullptr, 0);
  };
  const auto on_read = [](uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
    if (stream->data) static_cast<WorkerProcess*>(stream->data)->on_read(count);
  };
  auto* const stream = reinterpret_cast<uv_stream_t*>(pipe_->get());
  if (uv_read_start(stream, allocate, on_read) < 0) kill();  // its end will be seen
}

void WorkerProcess::start(Ref<ProcessWork> work) {
  auto write = std::make_unique<Write>();
  write->request.data = write.get();
  write->text = work->request();
  write->size = write->text->size();
  work_ = std::move(work);
  called_ = false;
  const std::array<uv_buf_t, 2> buffers{
      uv_buf_init(reinterpret_cast<char*>(&write->size), sizeof write->size),
      uv_buf_init(const_cast<char*>(write->text->data()),
                  static_cast<unsigned>(write->text->size()))};
  const auto on_written = [](uv_write_t* request, int) {
    delete static_cast<Write*>(request->data);  // a worker that cannot be written to has ended
  };
  auto* const stream = reinterpret_cast<uv_stream_t*>(pipe_->get());
  if (uv_write(&write->request, stream, buffers.data(), buffers.size(), on_written) < 0) {
    kill();
  } else {
    static_cast<void>(write.release());
  }
}

void WorkerProcess::kill() noexcept {
  ending_ = true;
  uv_process_kill(process_->get(), SIGKILL);
}

void WorkerProcess::hang_up() noexcept {
  ending_ = true;
  pipe_.reset();
}

void WorkerProcess::on_read(ssize_t count) {
  if (count < 0) return kill();  // it has closed its end, and cannot be used
  received_.append(chunk_.data(), static_cast<std::size_t>(count));
  take_messages();
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

// What the worker wrote before it ended counts: the result may be there, though its process is not.
void WorkerProcess::on_exit(std::int64_t code, int signal) {
  ending_ = true;
  read_what_is_left();
  // One that SIGINT killed before it could ignore that has done nothing wrong.
  const bool was_called = called_ || !(ready_ || signal == SIGINT);
  const std::string how = describe_end(code, signal);
  pool_.on_worker_end(*this, std::exchange(work_, nullptr), was_called, how);
}

void WorkerProcess::read_what_is_left() {
  uv_os_fd_t socket = -1;
  if (!pipe_ || uv_fileno(reinterpret_cast<uv_handle_t*>(pipe_->get()), &socket) < 0) return;
  for (ssize_t count; (count = ::read(socket, chunk_.data(), chunk_.size())) > 0;) {
    received_.append(chunk_.data(), static_cast<std::size_t>(count));
  }
  take_messages();
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
