#include "jobs/bulk/line_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <span>
#include <system_error>
#include <utility>

#include "jobs/bulk/plain_line.hpp"
#include "jobs/descriptor.hpp"
#include "jobs/json/limits.hpp"

namespace jobs {

namespace {

constexpr std::size_t read_bytes = 131'072;

/// Lines that stand side by side.
struct Passed {
  std::size_t bytes = 0;
  std::size_t lines = 0;
};

constexpr std::size_t block_bytes = 128;

/// The lines that begin in a block.
struct BlockLines {
  std::uint8_t begun = 0;
  std::uint8_t may_be_blank = 0;
};

/// A loop that compilers turn into vector instructions.
BlockLines look_at_block(const char* block) {
  BlockLines found;
  const char* const before = block - 1;
  for (std::size_t i = 0; i < block_bytes; ++i) {
    const std::uint8_t begins = before[i] == '\n' ? 1 : 0;
    const std::uint8_t is_low = static_cast<unsigned char>(block[i]) <= ' ' ? 1 : 0;
    found.begun = static_cast<std::uint8_t>(found.begun + begins);
    found.may_be_blank = static_cast<std::uint8_t>(found.may_be_blank | (begins & is_low));
  }
  return found;
}

bool begins_blank(std::string_view text) { return static_cast<unsigned char>(text[0]) <= ' '; }

/// The whole lines at the front of `text` that do not begin with white space, and so are not blank.
Passed usual_lines(std::string_view text, std::size_t lines_max) {
  Passed passed;
  if (text.empty() || begins_blank(text)) return passed;
  std::size_t at = 1;
  for (; at + block_bytes <= text.size(); at += block_bytes) {
    const BlockLines block = look_at_block(text.data() + at);
    if (block.may_be_blank != 0 || passed.lines + block.begun > lines_max) break;
    passed.lines += block.begun;
  }
  if (passed.lines > 0) passed.bytes = text.rfind('\n', at - 2) + 1;
  while (passed.lines < lines_max) {
    const std::string_view rest = text.substr(passed.bytes);
    if (rest.empty() || begins_blank(rest)) break;
    const std::size_t newline = rest.find('\n');
    if (newline == std::string_view::npos) break;
    passed.bytes += newline + 1;
    ++passed.lines;
  }
  return passed;
}

}  // namespace

bool is_blank(std::string_view line) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  return std::all_of(line.begin(), line.end(), is_space);
}

LineReader::LineReader(int fd, std::string already_read)
    : fd_(fd), buffer_(std::move(already_read)), end_(buffer_.size()) {}

bool LineReader::is_drained() const { return start_ == end_ && (at_end_ || !is_readable_now(fd_)); }

aio::Coro<std::optional<Chunk>> LineReader::next() {
  Chunk chunk;
  chunk.text = std::exchange(memory_, {});
  chunk.text.clear();
  chunk.first_line = next_line_;
  chunk.first_position = next_position_;
  for (;;) {
    const bool full = take_lines(chunk);
    const bool has_any = !chunk.text.empty() || !chunk.too_long.empty();
    if (full || (has_any && (at_end_ || failure_ || !is_readable_now(fd_)))) {
      chunk.ticket = next_ticket_++;
      chunk.text.reserve(chunk.text.size() + detail::plain_line_padding);
      co_return std::optional<Chunk>(std::move(chunk));
    }
    if (failure_) std::rethrow_exception(failure_);
    if (at_end_) co_return std::nullopt;
    try {
      co_await read_more();
    } catch (const std::system_error&) {
      failure_ = std::current_exception();  // told once the lines before it are handed over
    }
  }
}

aio::Coro<void> LineReader::read_more() {
  if (start_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(start_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  }
  searched_ -= start_;
  end_ -= std::exchange(start_, 0);
  // Room is kept, for it would have to be filled with zeros again.
  if (buffer_.size() < end_ + read_bytes) buffer_.resize(end_ + read_bytes);
  const std::size_t count = co_await read_into(fd_, std::span(buffer_).subspan(end_, read_bytes));
  end_ += count;
  if (count == 0) finish_last_line();
}

/// Moves whole lines from the buffer into the chunk; true when the chunk is full.
bool LineReader::take_lines(Chunk& chunk) {
  std::size_t taken = start_;  // lines from here to start_ are the chunk's, and move together
  const auto is_full = [&] {
    return next_line_ - chunk.first_line >= chunk_lines ||
           chunk.text.size() + (start_ - taken) >= chunk_bytes;
  };
  const std::string_view all(buffer_.data(), end_);
  bool may_be_usual = true;
  bool full = is_full();
  while (!full) {
    if (!skipping_ && searched_ == start_ && std::exchange(may_be_usual, false)) {
      pass_usual_lines(chunk_bytes - (chunk.text.size() + (start_ - taken)),
                       chunk_lines - (next_line_ - chunk.first_line));
      full = is_full();
      continue;
    }
    const std::size_t newline = all.find('\n', searched_);
    const std::size_t end = std::min(newline, all.size());
    if (!skipping_ && end - start_ > line_bytes_max) skipping_ = true;
    searched_ = end;
    if (newline == std::string::npos) break;
    const std::string_view line = all.substr(start_, end - start_);
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
  if (!full && skipping_) start_ = searched_;  // the bytes of the long line need not be kept
  return full;
}

/// Passes over the lines that come next as far as they need no second look.
void LineReader::pass_usual_lines(std::size_t bytes_max, std::size_t lines_max) {
  static_assert(chunk_bytes <= line_bytes_max);
  const std::string_view rest(buffer_.data() + start_, std::min(end_ - start_, bytes_max));
  const Passed passed = usual_lines(rest, lines_max);
  searched_ = start_ += passed.bytes;
  next_line_ += passed.lines;
  next_position_ += passed.lines;
}

/// Instead of the line that has just been passed over.
void LineReader::leave_line_out(Chunk& chunk) {
  chunk.too_long.push_back(next_line_ - 1);
  chunk.text.push_back('\n');  // a blank line keeps the count of lines
  ++next_position_;
  skipping_ = false;
}

void LineReader::finish_last_line() {
  at_end_ = true;
  if (!skipping_ && start_ == end_) return;
  buffer_[end_++] = '\n';  // there is room: nothing was read into it
}

}  // namespace jobs
