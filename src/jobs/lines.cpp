#include "jobs/lines.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "jobs/descriptor.hpp"
#include "jobs/parse.hpp"
#include "jobs/reading/plain_line.hpp"

namespace jobs {

namespace {
constexpr std::size_t read_bytes = 131'072;
}

aio::Coro<bool> read_some(int fd, std::string& buffer) {
  for (;;) {
    if (is_readable_now(fd)) {
      co_await aio::sleep(0);  // however much there is, signals and timers have their turn
    } else {
      co_await readable(fd);
    }
    const std::size_t size = buffer.size();
    buffer.resize(size + read_bytes);
    const ssize_t count = ::read(fd, buffer.data() + size, read_bytes);
    const int error = errno;
    buffer.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count >= 0) co_return count > 0;
    if (error != EAGAIN && error != EINTR) {
      throw std::system_error(error, std::generic_category(), "cannot read");
    }
  }
}

bool is_blank(std::string_view line) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  return std::all_of(line.begin(), line.end(), is_space);
}

LineReader::LineReader(int fd, std::string already_read)
    : fd_(fd), buffer_(std::move(already_read)) {}

bool LineReader::is_drained() const {
  return start_ == buffer_.size() && (at_end_ || !is_readable_now(fd_));
}

aio::Coro<std::optional<Lines>> LineReader::next() {
  Lines chunk;
  chunk.text = std::exchange(memory_, {});
  chunk.text.clear();
  chunk.first_line = next_line_;
  chunk.first_position = next_position_;
  for (;;) {
    const bool full = take_lines(chunk);
    const bool has_any = !chunk.text.empty() || !chunk.too_long.empty();
    if (full || (has_any && (at_end_ || !is_readable_now(fd_)))) {
      chunk.ticket = next_ticket_++;
      chunk.text.reserve(chunk.text.size() + detail::plain_line_padding);
      co_return std::optional<Lines>(std::move(chunk));
    }
    if (at_end_) co_return std::nullopt;
    buffer_.erase(0, start_);
    searched_ -= start_;
    start_ = 0;
    const bool more = co_await read_some(fd_, buffer_);
    if (!more) finish_last_line();
  }
}

/// Moves whole lines from the buffer into the chunk; true when the chunk is full.
bool LineReader::take_lines(Lines& chunk) {
  std::size_t taken = start_;  // lines from here to start_ are the chunk's, and move together
  const auto is_full = [&] {
    return next_line_ - chunk.first_line >= chunk_lines ||
           chunk.text.size() + (start_ - taken) >= chunk_bytes;
  };
  bool full = is_full();
  while (!full) {
    const std::size_t newline = buffer_.find('\n', searched_);
    const std::size_t end = newline == std::string::npos ? buffer_.size() : newline;
    if (!skipping_ && end - start_ > line_bytes_max) skipping_ = true;
    searched_ = end;
    if (newline == std::string::npos) break;
    const std::string_view line = std::string_view(buffer_).substr(start_, end - start_);
    start_ = searched_ = newline + 1;
    ++next_line_;
    if (skipping_) {
      chunk.text.append(buffer_, taken, start_ - line.size() - 1 - taken);
      leave_line_out(chunk);
      taken = start_;
    } else if (!is_blank(line)) {
      ++next_position_;
    }
    full = is_full();
  }
  chunk.text.append(buffer_, taken, start_ - taken);
  if (!full && skipping_) start_ = searched_;  // what of it is already here need not be kept
  return full;
}

/// Instead of the line that has just been passed over.
void LineReader::leave_line_out(Lines& chunk) {
  chunk.too_long.push_back(next_line_ - 1);
  chunk.text.push_back('\n');  // a blank line keeps the count of lines
  ++next_position_;
  skipping_ = false;
}

void LineReader::finish_last_line() {
  at_end_ = true;
  if (skipping_ || start_ < buffer_.size()) buffer_.push_back('\n');
}

}  // namespace jobs
