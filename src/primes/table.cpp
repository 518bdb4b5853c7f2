#include "primes/table.hpp"

namespace primes::detail {
namespace {

// Clears the bits of the odd multiples of p from `first` on. No std::array here: compilers take as
// long for one of its accesses as for five of these.
constexpr void cross_out(std::uint64_t* words, std::uint64_t count, std::uint64_t p,
                         std::uint64_t first) {
  for (std::uint64_t bit = first / 2; bit < 64 * count; bit += p) {
    words[bit / 64] &= ~(std::uint64_t{1} << bit % 64);
  }
}

// The sieve of Eratosthenes over the odd numbers. The multiples of a p below 64 come back every p
// words, and go a word at a time: compilers are slow at computing.
constexpr Table sieve() {
  Table primes{};
  std::uint64_t* const words = primes.data();
  for (std::uint64_t i = 0; i < primes.size(); ++i) words[i] = ~std::uint64_t{0};
  words[0] &= ~std::uint64_t{1};  // 1 is not prime
  for (std::uint64_t p = 3; p * p < table_end; p += 2) {
    if ((words[p / 128] >> (p / 2 % 64) & 1) == 0) continue;
    if (p > 64) {
      cross_out(words, primes.size(), p, p * p);
      continue;
    }
    std::uint64_t period[64] = {};
    for (std::uint64_t& word : period) word = ~std::uint64_t{0};
    cross_out(period, p, p, p);
    std::uint64_t at = 0;
    for (std::uint64_t i = 0; i < primes.size(); ++i) {
      words[i] &= period[at];
      if (++at == p) at = 0;
    }
    words[p / 128] |= std::uint64_t{1} << p / 2 % 64;  // p itself
  }
  return primes;
}

}  // namespace

constinit const Table table = sieve();

}  // namespace primes::detail
