#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "primes/word_tests.hpp"

namespace primes::detail {
namespace {

constexpr std::uint32_t euler_pseudoprimes[] = {
#include "primes/euler_pseudoprimes.inc"
};

// Where the numbers with each value of the top twelve bits begin: mostly one or none.
constexpr int low_bits = 20;
constexpr auto beginnings = [] {
  std::array<std::uint16_t, (1 << (32 - low_bits)) + 1> places{};
  for (const std::uint32_t n : euler_pseudoprimes) ++places[(n >> low_bits) + 1];
  for (std::size_t i = 1; i < places.size(); ++i) {
    places[i] = static_cast<std::uint16_t>(places[i] + places[i - 1]);
  }
  return places;
}();

}  // namespace

bool is_base_2_exception(std::uint64_t n) noexcept {
  const std::uint16_t* place = beginnings.data() + (n >> low_bits);
  return std::any_of(euler_pseudoprimes + place[0], euler_pseudoprimes + place[1],
                     [n](std::uint32_t exception) { return exception == n; });
}

// Whatever passes the strong test to base 2 passes the Euler test as well (Pomerance, Selfridge,
// Wagstaff, "The pseudoprimes to 25 · 10^9", 1980), so the Euler list covers it.
bool fermat_base_2(std::uint64_t n) noexcept {
  return passes_strong_base_2(WordModulus(n)) && !is_base_2_exception(n);
}

}  // namespace primes::detail
