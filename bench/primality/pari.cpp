#include "pari.hpp"

#include "numbers.hpp"

int main(int argc, char** argv) {
  pari::begin();
  bench::measure_one_by_one("pari", bench::is_smoke(argc, argv), pari::is_prime);
  pari::end();
}
