#include "primes/small_factor.hpp"

#include <cstddef>

namespace primes::detail {
namespace {

// Without a branch for each prime: which of a few divides n is a toss-up that no processor
// foresees.
template <std::size_t first, std::size_t last>
bool divides_any(std::uint64_t n) {
  bool found = false;
  for (std::size_t i = first; i < last; ++i)
    found |= n * small_divisors[i].inverse <= small_divisors[i].limit;
  return found;
}

}  // namespace

bool has_small_factor(std::uint64_t n) noexcept {
  return n % 2 == 0 || divides_any<0, 6>(n) || divides_any<6, 18>(n) || divides_any<18, 34>(n);
}

}  // namespace primes::detail
