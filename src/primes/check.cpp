#include "primes/check.hpp"

#include <stdexcept>
#include <utility>

#include "primes/is_prime.hpp"
#include "primes/miller_rabin.hpp"
#include "primes/steps.hpp"

namespace primes {
namespace {

// The one place that picks the method by the size of n, for what a word does not hold; what it does
// hold is picked in is_prime.cpp.
std::unique_ptr<Check::Steps> pick(std::span<const std::uint64_t> n) {
  return detail::below_psi_13(n) ? detail::miller_rabin(n) : detail::bpsw(n);
}

}  // namespace

Check::Check(const Integer& n, Algorithm algorithm) {
  if (n.is_negative()) return;  // not prime, by definition: the verdict says so from the start
  const std::optional<std::uint64_t> word = n.to_uint64();
  if (algorithm == Algorithm::trial_division) {
    if (!word) {
      throw std::invalid_argument("trial_division takes numbers below 2^64; use automatic");
    }
    if (*word < 2) return;
    if (*word % 2 == 0) {
      verdict_ = {*word == 2, Certainty::proven, Method::trial_division};
    } else {
      steps_ = detail::trial_division(*word);
    }
  } else if (word) {
    verdict_ = examine(*word);
  } else if (n.limbs().front() % 2 == 0) {
    verdict_ = {false, Certainty::proven, Method::trial_division};
  } else {
    steps_ = pick(n.limbs());
  }
}

Check::Check(Check&&) noexcept = default;
Check& Check::operator=(Check&&) noexcept = default;
Check::~Check() = default;

bool Check::advance() {
  if (!steps_) return true;
  const std::optional<Verdict> verdict = steps_->advance();
  if (!verdict) return false;
  verdict_ = *verdict;
  steps_.reset();
  return true;
}

double Check::progress() const { return steps_ ? steps_->progress() : 1.0; }

const Verdict& Check::verdict() const { return verdict_; }

Verdict check(const Integer& n, Algorithm algorithm) {
  Check running(n, algorithm);
  while (!running.advance()) {
  }
  return running.verdict();
}

}  // namespace primes
