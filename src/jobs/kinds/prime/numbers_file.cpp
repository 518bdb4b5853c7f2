#include "jobs/kinds/prime/numbers_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

namespace jobs {

namespace {

constexpr std::size_t read_bytes = 65'536;

/// The longest line that may be a word: 20 digits and CRLF.
constexpr std::size_t word_line_bytes = 22;

std::string error_text(int error_number) { return std::generic_category().message(error_number); }

}  // namespace

NumbersFile::NumbersFile(const std::filesystem::path& file) : name_(file.string()) {
  // Non-blocking: opening a named pipe would wait for its writer.
  fd_ = ::open(name_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0) fail(error_text(errno));
  struct stat status {};
  if (fstat(fd_, &status) == 0 && S_ISREG(status.st_mode)) return;
  ::close(fd_);
  fail("not a regular file");
}

NumbersFile::NumbersFile(NumbersFile&& other) noexcept
    : name_(std::move(other.name_)),
      fd_(std::exchange(other.fd_, -1)),
      buffer_(std::move(other.buffer_)),
      at_(other.at_),
      line_number_(other.line_number_) {}

NumbersFile& NumbersFile::operator=(NumbersFile&& other) noexcept {
  name_.swap(other.name_);
  std::swap(fd_, other.fd_);
  buffer_.swap(other.buffer_);
  at_ = other.at_;
  line_number_ = other.line_number_;
  return *this;
}

NumbersFile::~NumbersFile() {
  if (fd_ >= 0) ::close(fd_);
}

void NumbersFile::fail(std::string_view why) const {
  throw NumbersError(ErrorCode::numbers_unreadable, name_ + ": " + std::string(why));
}

/// Gets more of the file into the buffer; false at its end.
bool NumbersFile::read_more() {
  buffer_.erase(0, std::exchange(at_, 0));
  const std::size_t before = buffer_.size();
  buffer_.resize(before + read_bytes);
  ssize_t count = 0;
  do {
    count = ::read(fd_, buffer_.data() + before, read_bytes);
  } while (count < 0 && errno == EINTR);
  const int error = errno;
  buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0) fail(error_text(error));
  return count > 0;
}

bool NumbersFile::next_line(std::string_view& line, std::size_t bytes_max) {
  std::size_t searched = 0;  // bytes without a newline
  for (;;) {
    const std::size_t newline = buffer_.find('\n', at_ + searched);
    const std::size_t size = std::min(newline, buffer_.size()) - at_;
    const bool whole = newline != std::string::npos;
    if (!whole && size <= bytes_max && read_more()) {
      searched = size;
      continue;
    }
    if (!whole && size == 0) return false;
    line = std::string_view(buffer_).substr(at_, size);
    at_ += size + (whole ? 1 : 0);
    ++line_number_;
    return true;
  }
}

std::size_t NumbersFile::take_words(std::span<std::uint64_t> numbers) {
  std::size_t count = 0;
  while (count < numbers.size()) {
    if (take_word(numbers[count])) {
      ++count;
      continue;
    }
    // The numbers so far are handed over before more is read: reading may fail. And a line that is
    // too long for a word is for `next_line` to judge, which does not read all of it.
    const bool may_be_word =
        buffer_.size() - at_ < word_line_bytes && buffer_.find('\n', at_) == std::string::npos;
    if (count > 0 || !may_be_word || !read_more()) break;
  }
  return count;
}

bool NumbersFile::take_word(std::uint64_t& number) {
  const char* const begin = buffer_.data() + at_;
  const char* const end = buffer_.data() + buffer_.size();
  auto [next, error] = std::from_chars(begin, end, number);
  const bool canonical = error == std::errc() && (*begin != '0' || next - begin == 1);
  if (canonical && next != end && *next == '\r') ++next;
  if (!canonical || next == end || *next != '\n') return false;
  at_ += static_cast<std::size_t>(next + 1 - begin);
  ++line_number_;
  return true;
}

}  // namespace jobs
