// Trial division of a prime in one go.

#include <cstdlib>

#include "trial_division.hpp"

int main(int argc, char** argv) {
  const std::uint64_t n = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 3;
  return has_odd_divisor(n, 3, floor_sqrt(n)) ? 1 : 0;
}
