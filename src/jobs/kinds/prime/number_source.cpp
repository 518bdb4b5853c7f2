#include "jobs/kinds/prime/number_source.hpp"

#include <algorithm>
#include <limits>

#include "jobs/json/number.hpp"
#include "jobs/json/utf8.hpp"

namespace jobs {

namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

}  // namespace

std::optional<primes::Integer> NumberSource::next() {
  if (const auto* from = std::get_if<NumbersFrom>(&job_.numbers)) return next_from_file(*from);
  if (const auto* list = std::get_if<std::vector<primes::Integer>>(&job_.numbers)) {
    if (index_ == list->size()) return std::nullopt;
    return (*list)[index_++];
  }
  if (index_++ > 0) return std::nullopt;
  return std::get<primes::Integer>(job_.numbers);
}

std::size_t NumberSource::take_words(std::span<std::uint64_t> numbers) {
  if (const auto* from = std::get_if<NumbersFrom>(&job_.numbers)) {
    // All of them have few enough digits, or each has to be looked at.
    if (from->max_digits <= std::numeric_limits<std::uint64_t>::digits10) return 0;
    if (!file_) file_.emplace(from->file);
    return file_->take_words(numbers);
  }
  const auto* const list = std::get_if<std::vector<primes::Integer>>(&job_.numbers);
  std::size_t count = 0;
  while (list && count < numbers.size() && index_ < list->size()) {
    const std::optional<std::uint64_t> word = (*list)[index_].to_uint64();
    if (!word) break;
    numbers[count++] = *word;
    ++index_;
  }
  return count;
}

std::optional<primes::Integer> NumberSource::next_from_file(const NumbersFrom& from) {
  if (!file_) file_.emplace(from.file);
  std::string_view text;
  while (read_line(from, text)) {
    if (file_->line_number() == 1) text = detail::without_byte_order_mark(text);
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

bool NumberSource::read_line(const NumbersFrom& from, std::string_view& text) {
  const std::size_t line_max = from.max_digits + 64;  // a sign, 0x, white space
  std::string_view line;
  if (!file_->next_line(line, line_max)) return false;
  text = trim(line);
  if (line.size() > line_max || detail::count_digits(text) > from.max_digits) {
    reject_line(from, "longer than " + std::to_string(from.max_digits) + " digits");
  }
  return true;
}

void NumberSource::reject_line(const NumbersFrom& from, std::string_view why) const {
  throw NumbersError(
      ErrorCode::invalid_number,
      from.file.string() + ":" + std::to_string(file_->line_number()) + ": " + std::string(why));
}

}  // namespace jobs
