#include "jobs/kinds/number_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "jobs/reading/number.hpp"
#include "jobs/reading/utf8.hpp"

namespace jobs {

namespace {

std::string error_text(int error_number) { return std::generic_category().message(error_number); }

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

}  // namespace

NumberSource::NumberSource(Prime job) : job_(std::move(job)) {}

std::optional<primes::Integer> NumberSource::next() {
  if (const auto* from = std::get_if<NumbersFrom>(&job_.numbers)) return next_from_file(*from);
  if (auto* list = std::get_if<std::vector<primes::Integer>>(&job_.numbers)) {
    if (index_ == list->size()) return std::nullopt;
    return std::move((*list)[index_++]);
  }
  if (index_++ > 0) return std::nullopt;
  return std::move(std::get<primes::Integer>(job_.numbers));
}

std::optional<primes::Integer> NumberSource::next_from_file(const NumbersFrom& from) {
  if (!file_) open(from);
  while (read_line(from)) {
    std::string_view text = trim(line_);
    if (line_number_ == 1) text = detail::without_byte_order_mark(text);
    if (text.empty()) continue;
    std::optional<primes::Integer> number = primes::Integer::parse(text);
    if (!number) reject_line(from, "not a number; expected an integer in base ten or 0x…");
    const bool wide = !number->is_negative() && !number->to_uint64();
    if (wide && job_.method == primes::Algorithm::trial_division) {
      reject_line(from, "too large for trial_division; use method auto for 2^64 and above");
    }
    return number;
  }
  return std::nullopt;
}

void NumberSource::open(const NumbersFrom& from) {
  const std::string name = from.file.string();
  // Non-blocking: opening a named pipe would wait for its writer.
  const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    throw NumbersError(ErrorCode::numbers_unreadable, name + ": " + error_text(errno));
  }
  file_.reset(fdopen(fd, "r"));
  struct stat status {};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    throw NumbersError(ErrorCode::numbers_unreadable, name + ": not a regular file");
  }
}

bool NumberSource::read_line(const NumbersFrom& from) {
  const std::size_t line_max = from.max_digits + 64;  // a sign, 0x, white space
  ++line_number_;
  line_.clear();
  int byte = 0;
  while ((byte = getc_unlocked(file_.get())) != EOF && byte != '\n') {
    line_.push_back(static_cast<char>(byte));
    if (line_.size() > line_max) break;
  }
  if (std::ferror(file_.get()) != 0) {
    throw NumbersError(ErrorCode::numbers_unreadable,
                       from.file.string() + ": " + error_text(errno));
  }
  if (line_.size() > line_max || detail::count_digits(trim(line_)) > from.max_digits) {
    reject_line(from, "longer than " + std::to_string(from.max_digits) + " digits");
  }
  return byte != EOF || !line_.empty();
}

void NumberSource::reject_line(const NumbersFrom& from, std::string_view why) const {
  throw NumbersError(
      ErrorCode::invalid_number,
      from.file.string() + ":" + std::to_string(line_number_) + ": " + std::string(why));
}

}  // namespace jobs
