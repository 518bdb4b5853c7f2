#include <flint/ulong_extras.h>

#include "numbers.hpp"

int main(int argc, char** argv) {
  bench::measure_one_by_one("flint", bench::is_smoke(argc, argv),
                            [](std::uint64_t n) { return n_is_prime(n) != 0; });
}
