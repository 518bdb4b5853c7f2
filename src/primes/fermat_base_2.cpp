#include <algorithm>
#include <cstdint>

#include "primes/word_tests.hpp"

namespace primes::detail {
namespace {

constexpr std::uint32_t euler_pseudoprimes[] = {
#include "primes/euler_pseudoprimes.inc"
};

}  // namespace

// Whatever passes the strong test to base 2 passes the Euler test as well (Pomerance, Selfridge,
// Wagstaff, "The pseudoprimes to 25 · 10^9", 1980), so the Euler list covers it.
bool fermat_base_2(std::uint64_t n) noexcept {
  return passes_strong_base_2(WordModulus(n)) &&
         !std::ranges::binary_search(euler_pseudoprimes, static_cast<std::uint32_t>(n));
}

}  // namespace primes::detail
