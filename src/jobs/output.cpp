#include "jobs/output.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "jobs/descriptor.hpp"

namespace jobs {

Output::Output(aio::EventLoop& loop, int fd) : loop_(loop) { open(fd); }

Output::~Output() { close(); }

void Output::open(int fd) {
  struct stat status {};
  const bool regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  fd_ = regular ? -1 : ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  owned_ = fd_ >= 0;
  piece_bytes_ = regular || owned_ ? SIZE_MAX : PIPE_BUF;
  if (!owned_) fd_ = fd;
}

void Output::close() noexcept {
  if (owned_) ::close(fd_);
  owned_ = false;
  fd_ = -1;
}

void Output::write(std::string_view lines) {
  if (error_ || lines.empty()) return;
  buffer_.append(lines);
  if (scheduled_) return;
  scheduled_ = true;
  loop_.call_soon([this] {
    scheduled_ = false;
    write_some();
  });
}

aio::Coro<void> Output::ready() {
  return changed_.until([this] { return error_ || !is_congested(); });
}

aio::Coro<void> Output::flush() {
  return changed_.until([this] { return error_ || waiting_bytes() == 0; });
}

aio::Coro<void> Output::switch_to(int fd) {
  co_await flush();
  close();
  open(fd);
}

void Output::write_some() {
  const std::size_t size = std::min(waiting_bytes(), piece_bytes_);
  if (size == 0) return;
  const bool may_block = piece_bytes_ != SIZE_MAX;
  if (!may_block || is_writable_now(fd_)) {
    if (before_write_) before_write_();
    const ssize_t count = ::write(fd_, buffer_.data() + written_, size);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return fail(errno);
    written_ += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }
  if (waiting_bytes() == 0) {
    buffer_.clear();
    written_ = 0;
  } else {
    scheduled_ = true;
    loop_.create_task(write_when_possible());
  }
  changed_.notify();
}

aio::Coro<void> Output::write_when_possible() {
  co_await writable(fd_);
  scheduled_ = false;
  write_some();
}

void Output::fail(int error_number) {
  error_ = std::error_code(error_number, std::generic_category());
  buffer_.clear();
  written_ = 0;
  changed_.notify();
  if (on_failure_) std::exchange(on_failure_, nullptr)();
}

}  // namespace jobs
