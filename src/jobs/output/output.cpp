#include "jobs/output/output.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "jobs/descriptor.hpp"

namespace jobs {

namespace {

/// Lines that come one by one go together up to here.
constexpr std::size_t joined_bytes = 65'536;

/// About the size of a record of one tick: as many producers go on at a time as there is room for.
constexpr std::size_t usual_record_bytes = 192;

/// Texts whose memory is kept at most.
constexpr std::size_t spare_max = 8;

}  // namespace

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
  if (!has_room_for(lines.size())) shares_.back().texts.emplace_back();
  shares_.back().texts.back().append(lines);
  waiting_bytes_ += lines.size();
  schedule_write();
}

std::string Output::take(std::string lines) {
  if (error_ || lines.size() < joined_bytes) {
    write(lines);
    lines.clear();
    return lines;
  }
  waiting_bytes_ += lines.size();
  shares_.back().texts.push_back(std::move(lines));
  schedule_write();
  if (spare_.empty()) return {};
  std::string spare = std::move(spare_.back());
  spare_.pop_back();
  return spare;
}

/// Whether so many bytes go with those that came last.
bool Output::has_room_for(std::size_t bytes) const {
  const std::deque<std::string>& texts = shares_.back().texts;
  return !texts.empty() && texts.back().size() + bytes <= joined_bytes;
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
  return room_.until([this] { return error_ || !is_congested(); });
}

aio::Coro<void> Output::flush() {
  return progress_.until([this] { return error_ || is_flushed(); });
}

aio::Coro<void> Output::switch_to(int fd) {
  if (error_) co_return;
  shares_.push_back({fd, {}});
  const std::uint64_t own_switch = switches_ + shares_.size() - 1;
  switch_if_written();
  co_await progress_.until([this, own_switch] { return error_ || switches_ >= own_switch; });
}

void Output::switch_if_written() {
  while (shares_.size() > 1 && shares_.front().texts.empty()) {
    shares_.pop_front();
    close();
    open(shares_.front().fd);
    ++switches_;
  }
}

void Output::write_some() {
  if (waiting_bytes_ == 0) return;
  const std::string_view rest = std::string_view(shares_.front().texts.front()).substr(written_);
  const std::size_t count = write_piece(rest);
  if (error_) return;
  written_ += count;
  waiting_bytes_ -= count;
  if (count == rest.size()) drop_first_text();
  switch_if_written();
  if (count == rest.size()) {
    schedule_write();
  } else {
    scheduled_ = true;
    loop_.create_task(write_when_possible(), "output");
  }
  if (waiting_bytes_ < congestion_bytes) {
    room_.wake(1 + (congestion_bytes - waiting_bytes_) / usual_record_bytes);
  }
  progress_.wake_all();
}

void Output::drop_first_text() {
  std::string text = std::move(shares_.front().texts.front());
  shares_.front().texts.pop_front();
  written_ = 0;
  text.clear();
  if (spare_.size() < spare_max) spare_.push_back(std::move(text));
}

/// Writes as much of `text` as the descriptor takes at once; returns how many bytes.
std::size_t Output::write_piece(std::string_view text) {
  const bool may_block = piece_bytes_ != SIZE_MAX;
  if (may_block && !is_writable_now(fd_)) return 0;
  if (before_write_) before_write_();
  const ssize_t count = ::write(fd_, text.data(), std::min(text.size(), piece_bytes_));
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
  room_.wake_all();
  progress_.wake_all();
  if (on_failure_) std::exchange(on_failure_, nullptr)();
}

}  // namespace jobs
