#include "jobs/output.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "jobs/descriptor.hpp"

namespace jobs {

Output::Output(aio::EventLoop& loop, int fd) : loop_(loop) {
  open(fd);
  shares_.push_back({fd, {}});
}

Output::~Output() { close(); }

void Output::open(int fd) {
  struct stat status {};
  const bool regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const bool for_reading = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY;
  const int flags = O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  fd_ = regular || for_reading ? -1 : ::open(path.c_str(), flags);
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
  shares_.back().lines.append(lines);
  waiting_bytes_ += lines.size();
  schedule_write();
}

std::string Output::take(std::string lines) {
  if (error_ || !shares_.back().lines.empty()) {
    write(lines);
    lines.clear();
  } else {
    waiting_bytes_ += lines.size();
    shares_.back().lines.swap(lines);
    schedule_write();
  }
  return lines;
}

void Output::schedule_write() {
  if (scheduled_ || waiting_bytes_ == 0) return;
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
  return changed_.until([this] { return error_ || is_flushed(); });
}

aio::Coro<void> Output::switch_to(int fd) {
  if (error_) co_return;
  shares_.push_back({fd, {}});
  const std::uint64_t own_switch = switches_ + shares_.size() - 1;
  switch_if_written();
  co_await changed_.until([this, own_switch] { return error_ || switches_ >= own_switch; });
}

void Output::switch_if_written() {
  while (shares_.size() > 1 && written_ == shares_.front().lines.size()) {
    shares_.pop_front();
    written_ = 0;
    close();
    open(shares_.front().fd);
    ++switches_;
  }
}

void Output::write_some() {
  if (waiting_bytes_ == 0) return;
  const std::size_t count = write_piece();
  if (error_) return;
  written_ += count;
  waiting_bytes_ -= count;
  switch_if_written();
  // What is written is dropped when there is more of it than of what waits: each byte moves once.
  std::string& lines = shares_.front().lines;
  if (written_ >= lines.size() - written_) {
    lines.erase(0, written_);
    written_ = 0;
  }
  if (waiting_bytes_ > 0) {
    scheduled_ = true;
    loop_.create_task(write_when_possible(), "output");
  }
  changed_.notify();
}

/// Writes what the descriptor takes at once, and tells how much that was.
std::size_t Output::write_piece() {
  const bool may_block = piece_bytes_ != SIZE_MAX;
  if (may_block && !is_writable_now(fd_)) return 0;
  const std::string_view rest = std::string_view(shares_.front().lines).substr(written_);
  if (before_write_) before_write_();
  const ssize_t count = ::write(fd_, rest.data(), std::min(rest.size(), piece_bytes_));
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno != EAGAIN && errno != EINTR) fail(std::error_code(errno, std::generic_category()));
  return 0;
}

aio::Coro<void> Output::write_when_possible() {
  try {
    co_await writable(fd_);
  } catch (const std::system_error& error) {
    fail(error.code());
  }
  scheduled_ = false;
  write_some();
}

void Output::fail(std::error_code error) {
  error_ = error;
  shares_ = {};
  written_ = waiting_bytes_ = 0;
  changed_.notify();
  if (on_failure_) std::exchange(on_failure_, nullptr)();
}

}  // namespace jobs
