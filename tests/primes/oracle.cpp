#include "primes/oracle.hpp"

#include <cstdlib>

namespace oracle {
namespace {

__extension__ using Word2 = unsigned __int128;

std::uint64_t multiply(std::uint64_t a, std::uint64_t b, std::uint64_t n) {
  return static_cast<std::uint64_t>(static_cast<Word2>(a) * b % n);
}

bool passes_strong_test(std::uint64_t n, std::uint64_t base) {
  int s = 0;
  std::uint64_t d = n - 1;
  for (; d % 2 == 0; d /= 2) ++s;
  std::uint64_t x = 1;
  for (std::uint64_t power = base % n; d != 0; d /= 2, power = multiply(power, power, n)) {
    if (d % 2 != 0) x = multiply(x, power, n);
  }
  if (x == 1) return true;
  for (int r = 0; r < s; ++r, x = multiply(x, x, n)) {
    if (x == n - 1) return true;
  }
  return false;
}

}  // namespace

std::vector<bool> sieve(std::uint64_t end) {
  std::vector<bool> prime(end, true);
  prime[0] = prime[1] = false;
  for (std::uint64_t p = 2; p * p < end; ++p) {
    if (!prime[p]) continue;
    for (std::uint64_t multiple = p * p; multiple < end; multiple += p) prime[multiple] = false;
  }
  return prime;
}

bool is_prime(std::uint64_t n) {
  constexpr std::uint64_t bases[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
  if (n < 2) return false;
  for (const std::uint64_t base : bases) {
    if (n % base == 0) return n == base;
  }
  for (const std::uint64_t base : bases) {
    if (!passes_strong_test(n, base)) return false;
  }
  return true;
}

std::string Mpz::to_string(int base) const {
  std::string text(mpz_sizeinbase(value_, std::abs(base)) + 2, '\0');
  mpz_get_str(text.data(), base, value_);
  text.resize(text.find('\0'));
  return text;
}

bool is_prime(const Mpz& n) { return mpz_probab_prime_p(n.get(), 30) != 0; }

Mpz mersenne(unsigned exponent) {
  Mpz n;
  mpz_setbit(n.get(), exponent);
  mpz_sub_ui(n.get(), n.get(), 1);
  return n;
}

}  // namespace oracle
