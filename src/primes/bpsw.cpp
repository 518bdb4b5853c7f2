#include <optional>

#include "primes/factor_search.hpp"
#include "primes/lucas_test.hpp"
#include "primes/steps.hpp"
#include "primes/strong_test.hpp"

namespace primes::detail {
namespace {

// Baillie and Wagstaff, "Lucas pseudoprimes", 1980; Pomerance, Selfridge and Wagstaff, "The
// pseudoprimes to 25 · 10^9", 1980. No composite is known that passes, none exists below 2^64, but
// above that nobody has proved that there is none: a prime is `probable` here.
class Bpsw final : public Check::Steps {
 public:
  explicit Bpsw(std::span<const Limb> n) : n_(n.begin(), n.end()), factors_(n_) {}

  // 1. small factors; 2. modular arithmetic is set up: a step of its own, 0.14 ms at 20 000 digits;
  // 3. the strong test to base 2; 4. the Lucas test.
  std::optional<Verdict> advance() override {
    if (!modulus_) return divide();
    if (!lucas_) {
      const Outcome outcome = strong_->advance();
      if (outcome == Outcome::failed) return composite(Method::bpsw);
      if (outcome == Outcome::passed) lucas_.emplace(*modulus_);
      return std::nullopt;
    }
    const Outcome outcome = lucas_->advance();
    if (outcome == Outcome::failed) return composite(Method::bpsw);
    if (outcome == Outcome::unfinished) return std::nullopt;
    return Verdict{true, Certainty::probable, Method::bpsw};
  }

  double progress() const override {
    // One product a bit in the strong test, two in Lucas.
    const double power_ns =
        static_cast<double>(bit_length(n_)) * product_ns(n_, best_arithmetic(n_));
    const double strong = strong_ ? strong_->progress() : 0;
    const double lucas = lucas_ ? lucas_->progress() : 0;
    const double done_ns = factors_.done_ns() + power_ns * (strong + 2 * lucas);
    return done_ns / (factors_.total_ns() + 3 * power_ns);
  }

 private:
  std::optional<Verdict> divide() {
    if (!divided_) {
      const Outcome outcome = factors_.advance();
      if (outcome == Outcome::failed) return composite(Method::trial_division);
      divided_ = outcome == Outcome::passed;
    } else {
      modulus_.emplace(n_);
      strong_.emplace(*modulus_, 2U);
    }
    return std::nullopt;
  }

  static Verdict composite(Method method) { return {false, Certainty::proven, method}; }

  std::vector<Limb> n_;
  FactorSearch factors_;
  bool divided_ = false;
  std::optional<Modulus> modulus_;
  std::optional<StrongTest> strong_;
  std::optional<LucasTest> lucas_;
};

}  // namespace

std::unique_ptr<Check::Steps> bpsw(std::span<const Limb> n) { return std::make_unique<Bpsw>(n); }

}  // namespace primes::detail
