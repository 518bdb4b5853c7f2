#include "primes/small_factor.hpp"

namespace primes::detail {

bool has_small_factor(std::uint64_t n) noexcept {
  constexpr std::size_t middle = 18;  // what the first few leave is divided in two halves
  return n % 2 == 0 || divides_any<0, first_divisors>(n) ||
         divides_any<first_divisors, middle>(n) || divides_any<middle, small_divisors.size()>(n);
}

}  // namespace primes::detail
