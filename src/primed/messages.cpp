#include "primed/messages.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace primed {

namespace {

constexpr std::string_view clear_line = "\r\x1b[K";

/// A reader that is slow is given text often, and one that has stopped is not asked often.
constexpr aio::Duration first_retry = std::chrono::milliseconds(10);
constexpr aio::Duration last_retry = std::chrono::seconds(1);

std::string line_of(std::string_view text) { return "primed: " + std::string(text) + "\n"; }

std::string line_of_lost(std::size_t count) {
  return line_of(std::to_string(count) + (count == 1 ? " message" : " messages") +
                 " lost: standard error was not read");
}

/// Waits until `fd` has room, no longer than `time` where one is given.
bool wait_for_room(int fd, std::optional<aio::Duration> time) {
  pollfd query{fd, POLLOUT, 0};
  if (!time) return poll(&query, 1, -1) > 0 || errno == EINTR;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*time).count();
  if (left <= 0) return false;
  return poll(&query, 1, static_cast<int>(std::min<std::int64_t>(left, INT_MAX))) != 0;
}

}  // namespace

Messages::Messages(int fd) : fd_(fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || S_ISREG(status.st_mode)) return;
  is_socket_ = S_ISSOCK(status.st_mode);
  if (is_socket_) return;
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int opened = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY
                         ? -1
                         : ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  is_owned_ = opened >= 0;
  may_block_ = !is_owned_;
  if (is_owned_) fd_ = opened;
}

Messages::~Messages() {
  detach();
  if (is_owned_) ::close(fd_);
}

void Messages::detach() {
  if (retry_) retry_->cancel();
  retry_.reset();
  loop_ = nullptr;
}

void Messages::say(std::string_view text) { print(line_of(text)); }

void Messages::print(std::string lines) {
  clear_status();
  if (!take(std::move(lines))) ++lost_;
  write_waiting();
}

void Messages::show_status(std::string_view line) {
  if (waiting_bytes_ > 0) return;
  status_shown_ = take(std::string(clear_line) + std::string(line)) || status_shown_;
  write_waiting();
}

void Messages::clear_status() {
  if (!status_shown_) return;
  status_shown_ = !take(std::string(clear_line));
  write_waiting();
}

/// Puts `text` behind the waiting text, and the count of lost messages before it; false if there is
/// no room for both.
bool Messages::take(std::string text) {
  std::string note = lost_ > 0 ? line_of_lost(lost_) : std::string();
  if (!has_room_for(note.size() + text.size())) return false;
  lost_ = 0;
  for (std::string* const added : {&note, &text}) {
    if (added->empty()) continue;
    waiting_bytes_ += added->size();
    waiting_.push_back(std::move(*added));
  }
  return true;
}

bool Messages::has_room_for(std::size_t bytes) const {
  return waiting_bytes_ <= waiting_bytes_max && bytes <= waiting_bytes_max - waiting_bytes_;
}

/// Writes as much as the reader takes now.
void Messages::write_waiting() {
  while (!waiting_.empty()) {
    const std::string_view rest = std::string_view(waiting_.front()).substr(written_);
    const std::ptrdiff_t count = write_piece(rest);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return try_again_later();
    if (count < 0) return lose_waiting();
    retry_delay_ = {};
    written_ += static_cast<std::size_t>(count);
    waiting_bytes_ -= static_cast<std::size_t>(count);
    if (written_ < waiting_.front().size()) continue;
    waiting_.pop_front();
    written_ = 0;
    if (waiting_.empty() && lost_ > 0) take({});
  }
}

std::ptrdiff_t Messages::write_piece(std::string_view text) const {
  if (is_socket_) return ::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (!may_block_) return ::write(fd_, text.data(), text.size());
  pollfd query{fd_, POLLOUT, 0};
  if (poll(&query, 1, 0) == 0) {
    errno = EAGAIN;
    return -1;
  }
  return ::write(fd_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
}

/// For a descriptor that fails: its reader is gone, or its disk is full. The next message tries.
void Messages::lose_waiting() {
  lost_ += waiting_.size();
  waiting_.clear();
  written_ = waiting_bytes_ = 0;
}

void Messages::try_again_later() {
  if (!loop_ || retry_) return;
  retry_delay_ = std::clamp(retry_delay_ * 2, first_retry, last_retry);
  retry_ = loop_->call_later(retry_delay_, [this] {
    retry_.reset();
    write_waiting();
  });
}

void Messages::flush(std::optional<aio::Duration> patience) {
  const aio::TimePoint start = aio::Clock::now();
  const auto time_left = [&]() -> std::optional<aio::Duration> {
    if (!patience) return std::nullopt;
    return *patience - (aio::Clock::now() - start);
  };
  write_waiting();
  while (!waiting_.empty() && wait_for_room(fd_, time_left())) write_waiting();
}

}  // namespace primed
