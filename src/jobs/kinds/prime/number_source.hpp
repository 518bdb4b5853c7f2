#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/job.hpp"
#include "jobs/kinds/prime/numbers_file.hpp"
#include "primes/integer.hpp"

namespace jobs {

/// The numbers of a prime job, one after the other, from the list or from a file.
///
/// A file holds one number a line, written as a list has them in quotes. Blank lines and CRLF are
/// accepted.
class NumberSource {
 public:
  /// The job outlives it.
  explicit NumberSource(const Prime& job) : job_(job) {}
  explicit NumberSource(Prime&&) = delete;

  /// The next number, or none at the end. Throws NumbersError.
  std::optional<primes::Integer> next();

  /// Takes the numbers that come next as far as each is below 2^64 and written in base ten and
  /// nothing else, `numbers.size()` at most; returns how many. Where it stops, `next` tells why. It
  /// is for many numbers: ten times as fast. Throws NumbersError if reading fails.
  std::size_t take_words(std::span<std::uint64_t> numbers);

  /// Whether the job asks for one number, or for as many as there are.
  bool is_single() const { return std::holds_alternative<primes::Integer>(job_.numbers); }
  primes::Algorithm method() const { return job_.method; }

 private:
  std::optional<primes::Integer> next_from_file(const NumbersFrom& from);
  /// The next line of the file, trimmed; false at the end.
  bool read_line(const NumbersFrom& from, std::string_view& text);
  [[noreturn]] void reject_line(const NumbersFrom& from, std::string_view why) const;

  const Prime& job_;
  std::size_t index_ = 0;  // of the next number of a list
  std::optional<NumbersFile> file_;
};

}  // namespace jobs
