#include <flint/fmpz.h>

#include "numbers.hpp"

int main(int argc, char** argv) {
  fmpz_t copy;
  fmpz_init(copy);
  bench::measure_all("flint", bench::is_smoke(argc, argv), bench::to_mpz, [&](const bench::Mpz& n) {
    fmpz_set_mpz(copy, n.get());  // a thousandth of the test, at most
    return fmpz_is_probabprime(copy) != 0;
  });
  fmpz_clear(copy);
}
