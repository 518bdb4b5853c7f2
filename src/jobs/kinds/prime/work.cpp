#include "jobs/kinds/prime/work.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "jobs/output/number_records.hpp"
#include "primes/is_prime.hpp"

namespace jobs {

PrimeWork::PrimeWork(JobPointer job)
    : SteppedWork(std::move(job)), numbers_(std::get<Prime>(this->job()->work)) {}

bool PrimeWork::step(std::string& records) {
  if (!start_) start_.emplace();
  try {
    if (!check_ && check_words(records)) return false;
    if (!check_ && !begin_next_check()) return true;
    if (!check_->advance()) return false;
    finish_check(records);
    return numbers_.is_single();
  } catch (const NumbersError& error) {
    finish(State::failed, ErrorResult{error.code(), error.what()});
  } catch (const std::exception& error) {
    finish(State::failed, ErrorResult{ErrorCode::internal, error.what()});
  }
  return true;
}

/// Checks the numbers that come next together, as far as each fits a word, some hundreds of them: a
/// step of 10 to 200 µs. False if the next one does not, or there is none.
bool PrimeWork::check_words(std::string& records) {
  if (numbers_.is_single() || numbers_.method() != primes::Algorithm::automatic) return false;
  std::array<std::uint64_t, checked_together_max> words;
  const std::size_t count = numbers_.take_words(words);
  if (count == 0) return false;
  std::array<primes::Verdict, checked_together_max> verdicts;
  const auto numbers = std::span(words).first(count);
  const auto answers = std::span(verdicts).first(count);
  primes::examine(numbers, answers);
  append(records, CheckedNumbers{job()->id, checked_, numbers, answers});
  checked_ += count;
  primes_ += static_cast<std::uint64_t>(std::ranges::count(answers, true, &primes::Verdict::prime));
  return true;
}

/// False when there is no number left: then the job has ended.
bool PrimeWork::begin_next_check() {
  const std::optional<primes::Integer> number = numbers_.next();
  if (!number) {
    finish(State::succeeded, NumbersResult{checked_, primes_});
    return false;
  }
  number_ = number->to_string();
  check_.emplace(*number, numbers_.method());
  return true;
}

void PrimeWork::finish_check(std::string& records) {
  const primes::Verdict verdict = check_->verdict();
  check_.reset();
  if (numbers_.is_single()) {
    finish(State::succeeded, NumberResult{std::move(number_), verdict});
    return;
  }
  append(records, CheckRecord{job()->id, checked_, number_, verdict});
  ++checked_;
  if (verdict.prime) ++primes_;
}

Ending PrimeWork::interrupt() {
  finish(State::interrupted,
         ErrorResult{ErrorCode::shutdown, "the program was told to stop before the check ended"});
  return take_ending();
}

void PrimeWork::finish(State state, decltype(Ending::value) value) {
  ending_ = {state, start_->wall, aio::Clock::now() - start_->monotonic, std::move(value)};
}

}  // namespace jobs
