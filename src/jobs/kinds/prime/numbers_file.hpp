#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "jobs/ending.hpp"

namespace jobs {

/// The fault of a file of numbers.
class NumbersError : public std::runtime_error {
 public:
  NumbersError(ErrorCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// Reads a file of numbers line by line, as it is needed, through a buffer of some dozens of
/// kilobytes. It has to be a regular file: anything else might make the reader wait for ever.
class NumbersFile {
 public:
  /// Opens the file. Throws NumbersError.
  explicit NumbersFile(const std::filesystem::path& file);
  NumbersFile(NumbersFile&& other) noexcept;
  NumbersFile& operator=(NumbersFile&& other) noexcept;
  ~NumbersFile();

  /// Finds the next line, without its newline; false at the end. The view lives until the next
  /// call. Of a line with more than `bytes_max` bytes it may be a beginning that has more than
  /// those. Throws NumbersError if reading fails.
  bool next_line(std::string_view& line, std::size_t bytes_max);

  /// Takes the numbers of the lines that come next, as far as each is below 2^64, and its line is
  /// that number in base ten and nothing else, and ends with a newline. Returns how many, at most
  /// as many as there is room for; none only if the next line is another one, or there is none.
  /// Throws NumbersError if reading fails, and has taken nothing then.
  std::size_t take_words(std::span<std::uint64_t> numbers);

  /// The number of the line that was last taken, from 1 on.
  std::uint64_t line_number() const { return line_number_; }

 private:
  bool read_more();
  bool take_word(std::uint64_t& number);
  [[noreturn]] void fail(std::string_view why) const;

  std::string name_;
  int fd_ = -1;
  std::string buffer_;  // the bytes that have been read
  std::size_t at_ = 0;  // start of the bytes that have not been taken
  std::uint64_t line_number_ = 0;
};

}  // namespace jobs
