#include "primes/word_tests.hpp"

namespace primes::detail {

// No composite below 2^64 passes both tests. All strong pseudoprimes to base 2 below 2^64 are known
// (Feitsma and Galway, "Pseudoprimes base 2 below 2^64", 2013, cecm.sfu.ca/Pseudoprimes), and none
// of them passes the extra strong Lucas test (Jacobsen, "Pseudoprime Statistics, Tables, and Data",
// ntheory.org/pseudoprimes.html). That holds for the strong form to base 2, so it is the one used.
bool bpsw(std::uint64_t n) noexcept {
  const WordModulus modulus(n);
  return passes_strong_base_2(modulus) && passes_extra_strong_lucas(modulus);
}

}  // namespace primes::detail
