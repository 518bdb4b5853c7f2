#include "primes/table.hpp"

namespace primes::detail {
namespace {

// The sieve of Eratosthenes over the odd numbers.
Table sieve() noexcept {
  Table primes;
  primes.fill(~std::uint64_t{0});
  primes[0] &= ~std::uint64_t{1};  // 1 is not prime
  for (std::uint64_t p = 3; p * p < table_end; p += 2) {
    if ((primes[p / 128] >> (p / 2 % 64) & 1) == 0) continue;
    for (std::uint64_t multiple = p * p; multiple < table_end; multiple += 2 * p) {
      primes[multiple / 128] &= ~(std::uint64_t{1} << (multiple / 2 % 64));
    }
  }
  return primes;
}

}  // namespace

const Table& table() noexcept {
  static const Table primes = sieve();
  return primes;
}

}  // namespace primes::detail
