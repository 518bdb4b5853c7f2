#include "numbers.hpp"

// With 24 rounds GMP makes its BPSW test and no more: the same as ours.
int main(int argc, char** argv) {
  bench::measure_all("gmp", bench::is_smoke(argc, argv), bench::to_mpz,
                     [](const bench::Mpz& n) { return mpz_probab_prime_p(n.get(), 24) != 0; });
}
