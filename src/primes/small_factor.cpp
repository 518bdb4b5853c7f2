#include "primes/small_factor.hpp"

namespace primes::detail {

bool has_small_factor(std::uint64_t n) noexcept {
  return n % 2 == 0 || divides_any<0, 6>(n) || divides_any<6, 18>(n) || divides_any<18, 34>(n);
}

}  // namespace primes::detail
