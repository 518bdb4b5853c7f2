#include <gmp.h>

#include "numbers.hpp"

// With 24 rounds or fewer GMP makes no more than its BPSW test, which is exact here.
int main(int argc, char** argv) {
  mpz_t number;
  mpz_init(number);
  bench::measure_one_by_one("gmp", bench::is_smoke(argc, argv), [&](std::uint64_t n) {
    mpz_set_ui(number, n);
    return mpz_probab_prime_p(number, 24) != 0;
  });
  mpz_clear(number);
}
