#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/job.hpp"
#include "jobs/record.hpp"
#include "primes/integer.hpp"

namespace jobs {

/// What is wrong with a file of numbers.
class NumbersError : public std::runtime_error {
 public:
  NumbersError(ErrorCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// The numbers of a prime job, one after the other, from the list or from a file.
///
/// A file holds one number a line, written as a list has them in quotes. Blank lines and CRLF are
/// accepted. It is read as it is needed, and has to be a regular file: anything else might make the
/// reader wait for ever.
class NumberSource {
 public:
  explicit NumberSource(Prime job);

  /// The next number, or none at the end. Throws NumbersError.
  std::optional<primes::Integer> next();

  /// Whether the job asks for one number, or for as many as there are.
  bool is_single() const { return std::holds_alternative<primes::Integer>(job_.numbers); }
  primes::Algorithm method() const { return job_.method; }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::optional<primes::Integer> next_from_file(const NumbersFrom& from);
  void open(const NumbersFrom& from);
  /// Reads one line into `line_`, without its newline; false at the end.
  bool read_line(const NumbersFrom& from);
  [[noreturn]] void reject_line(const NumbersFrom& from, std::string_view why) const;

  Prime job_;
  std::size_t index_ = 0;  // of the next number of a list
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::string line_;
  std::uint64_t line_number_ = 0;
};

}  // namespace jobs
