#include "jobs/kinds/prime.hpp"

namespace jobs {

PrimeRun::PrimeRun(std::string id, Prime job) : id_(std::move(id)), numbers_(std::move(job)) {}

bool PrimeRun::step(std::string& out) {
  if (!start_) start_.emplace();
  try {
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
