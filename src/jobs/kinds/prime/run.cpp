#include "jobs/kinds/prime/run.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "jobs/output/number_records.hpp"
#include "primes/is_prime.hpp"

namespace jobs {

PrimeRun::PrimeRun(std::string id, Prime job) : id_(std::move(id)), numbers_(std::move(job)) {}

bool PrimeRun::step(std::string& out) {
  if (!start_) start_.emplace();
  try {
    if (!check_ && check_words(out)) return false;
    if (!check_ && !begin_next_check(out)) return true;
    if (!check_->advance()) return false;
    finish_check(out);
    return numbers_.is_single();
  } catch (const NumbersError& error) {
    finish(out, State::failed, ErrorResult{error.code(), error.what()});
  } catch (const std::exception& error) {
    finish(out, State::failed, ErrorResult{ErrorCode::internal, error.what()});
  }
  return true;
}

/// Checks the numbers that come next together, as far as each fits a word, some hundreds of them: a
/// step of 10 to 200 µs. False if the next one does not, or there is none.
bool PrimeRun::check_words(std::string& out) {
  if (numbers_.is_single() || numbers_.method() != primes::Algorithm::automatic) return false;
  std::array<std::uint64_t, checked_together_max> words;
  const std::size_t count = numbers_.take_words(words);
  if (count == 0) return false;
  std::array<primes::Verdict, checked_together_max> verdicts;
  const auto numbers = std::span(words).first(count);
  const auto answers = std::span(verdicts).first(count);
  primes::examine(numbers, answers);
  append(out, CheckedNumbers{id_, checked_, numbers, answers});
  checked_ += count;
  primes_ += static_cast<std::uint64_t>(std::ranges::count(answers, true, &primes::Verdict::prime));
  return true;
}

/// False when there is no number left: then the job has ended.
bool PrimeRun::begin_next_check(std::string& out) {
  const std::optional<primes::Integer> number = numbers_.next();
  if (!number) {
    finish(out, State::succeeded, NumbersResult{checked_, primes_});
    return false;
  }
  number_ = number->to_string();
  check_.emplace(*number, numbers_.method());
  return true;
}

void PrimeRun::finish_check(std::string& out) {
  const primes::Verdict verdict = check_->verdict();
  check_.reset();
  if (numbers_.is_single()) {
    finish(out, State::succeeded, NumberResult{number_, verdict});
    return;
  }
  append(out, CheckRecord{id_, checked_, number_, verdict});
  ++checked_;
  if (verdict.prime) ++primes_;
}

void PrimeRun::interrupt(std::string& out) {
  finish(out, State::interrupted,
         ErrorResult{ErrorCode::shutdown, "the program was told to stop before the check ended"});
}

void PrimeRun::finish(std::string& out, State state, decltype(ResultRecord::value) value) {
  state_ = state;
  append(out, ResultRecord{.job_id = id_,
                           .kind = "prime",
                           .state = state,
                           .attempt = 1,
                           .started_at = start_->wall,
                           .duration = aio::Clock::now() - start_->monotonic,
                           .value = value});
}

}  // namespace jobs
