// Three numbers checked by trial division, one after the other.
// The large one comes first, and the small ones, which take no time, wait for it.

#include <cstdint>

#include "print.hpp"

bool is_prime(std::uint64_t n) {
  if (n < 2) return false;
  if (n == 2) return true;
  if (n % 2 == 0) return false;
  for (std::uint64_t i = 3; i <= n / i; i += 2) {
    if (n % i == 0) return false;
  }
  return true;
}

void check(std::uint64_t n) {
  print_processing(n);
  print_verdict(n, is_prime(n));
}

int main() {
  check(9'637'529'763'296'797);
  check(427'920'331);
  check(157);
  print_took();
}
