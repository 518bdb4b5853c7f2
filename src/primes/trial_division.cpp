#include <algorithm>
#include <cstdint>

#include "primes/isqrt.hpp"
#include "primes/steps.hpp"

namespace primes::detail {
namespace {

// The school method as it is taught, kept plain on purpose: it is here to be a load that everybody
// understands, and the thing the other methods are measured against.
class TrialDivision final : public Check::Steps {
 public:
  explicit TrialDivision(std::uint64_t n) : n_(n), root_(isqrt(n)) {}

  std::optional<Verdict> advance() override {
    const std::uint64_t n = n_;
    const std::uint64_t end = std::min(root_ + 1, candidate_ + 2 * candidates_per_step);
    for (std::uint64_t i = candidate_; i < end; i += 2) {
      if (n % i == 0) return Verdict{false, Certainty::proven, Method::trial_division};
    }
    candidate_ += 2 * candidates_per_step;
    if (candidate_ <= root_) return std::nullopt;
    return Verdict{true, Certainty::proven, Method::trial_division};
  }

  double progress() const override {
    return std::min(1.0, static_cast<double>(candidate_ - 3) / static_cast<double>(root_));
  }

 private:
  static constexpr std::uint64_t candidates_per_step = 50'000;  // about 0.1 ms

  std::uint64_t n_;
  std::uint64_t root_;
  std::uint64_t candidate_ = 3;
};

}  // namespace

std::unique_ptr<Check::Steps> trial_division(std::uint64_t n) {
  return std::make_unique<TrialDivision>(n);
}

}  // namespace primes::detail
