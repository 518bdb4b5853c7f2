#include "primes/is_prime.hpp"

#include "primes/small_factor.hpp"
#include "primes/table.hpp"
#include "primes/word_tests.hpp"

namespace primes {

bool is_prime(std::uint64_t n) noexcept { return examine(n).prime; }

// The one place that picks the method for a word, by its size.
Verdict examine(std::uint64_t n) noexcept {
  constexpr std::uint64_t two_to_32 = std::uint64_t{1} << 32;
  if (n < 2) return {false, Certainty::proven, Method::definition};
  if (n < detail::table_end) {
    return {detail::table_is_prime(n), Certainty::proven, Method::table};
  }
  if (detail::has_small_factor(n)) return {false, Certainty::proven, Method::trial_division};
  if (n < two_to_32) return {detail::fermat_base_2(n), Certainty::proven, Method::fermat_base_2};
  return {detail::bpsw(n), Certainty::proven, Method::bpsw};
}

}  // namespace primes
