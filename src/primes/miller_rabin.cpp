#include "primes/miller_rabin.hpp"

#include <array>
#include <cstddef>
#include <optional>

#include "primes/factor_search.hpp"
#include "primes/steps.hpp"
#include "primes/strong_test.hpp"

namespace primes::detail {
namespace {

constexpr std::array<unsigned, 13> bases{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41};

// One base a step: some microseconds.
class MillerRabin final : public Check::Steps {
 public:
  explicit MillerRabin(std::span<const Limb> n) : n_(n.begin(), n.end()), factors_(n_) {}

  std::optional<Verdict> advance() override {
    if (!modulus_) {
      const Outcome outcome = factors_.advance();
      if (outcome == Outcome::failed)
        return Verdict{false, Certainty::proven, Method::trial_division};
      if (outcome == Outcome::passed) modulus_.emplace(n_);
      return std::nullopt;
    }
    if (!test_) test_.emplace(*modulus_, bases[passed_]);
    const Outcome outcome = test_->advance();
    if (outcome == Outcome::unfinished) return std::nullopt;
    if (outcome == Outcome::failed) return Verdict{false, Certainty::proven, Method::miller_rabin};
    test_.reset();
    if (++passed_ < bases.size()) return std::nullopt;
    return Verdict{true, Certainty::proven, Method::miller_rabin};
  }

  double progress() const override {
    return static_cast<double>(passed_) / static_cast<double>(bases.size());
  }

 private:
  std::vector<Limb> n_;
  FactorSearch factors_;
  std::optional<Modulus> modulus_;
  std::optional<StrongTest> test_;
  std::size_t passed_ = 0;
};

}  // namespace

bool below_psi_13(std::span<const std::uint64_t> n) {
  // 3317044064679887385961981 = 179817 · 2^64 + 5885577656943027709
  constexpr std::uint64_t high = 179817;
  constexpr std::uint64_t low = 5885577656943027709U;
  if (n.size() != 2) return n.size() < 2;
  return n[1] < high || (n[1] == high && n[0] < low);
}

std::unique_ptr<Check::Steps> miller_rabin(std::span<const std::uint64_t> n) {
  return std::make_unique<MillerRabin>(n);
}

}  // namespace primes::detail
