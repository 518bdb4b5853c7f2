#include "primes/small_factor.hpp"

#include <array>
#include <cstddef>

#include "primes/word_modulus.hpp"

namespace primes::detail {
namespace {

// n is a multiple of p exactly when n · (1/p mod 2^64) is at most (2^64 − 1) / p: one
// multiplication for a division (Granlund and Montgomery, "Division by invariant integers", 1994,
// section 9).
struct Divisor {
  std::uint64_t inverse = 0;
  std::uint64_t limit = 0;
};

constexpr std::array<std::uint8_t, 34> odd_primes{
    3,  5,  7,  11, 13, 17, 19, 23,  29,  31,  37,  41,  43,  47,  53,  59,  61,
    67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149};

constexpr auto divisors = [] {
  std::array<Divisor, odd_primes.size()> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = {inverse_mod_2_64(odd_primes[i]), ~std::uint64_t{0} / odd_primes[i]};
  }
  return all;
}();

// Without a branch for each prime: which of a few divides n is a toss-up that no processor
// foresees.
template <std::size_t first, std::size_t last>
bool divides_any(std::uint64_t n) {
  bool found = false;
  for (std::size_t i = first; i < last; ++i) found |= n * divisors[i].inverse <= divisors[i].limit;
  return found;
}

}  // namespace

bool has_small_factor(std::uint64_t n) noexcept {
  return n % 2 == 0 || divides_any<0, 6>(n) || divides_any<6, 18>(n) || divides_any<18, 34>(n);
}

}  // namespace primes::detail
