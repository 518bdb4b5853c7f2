#include <doctest/doctest.h>
#include <flint/ulong_extras.h>

#include <cstdint>
#include <random>

#include "primes/is_prime.hpp"

TEST_SUITE_BEGIN("flint");

TEST_CASE("random odd numbers of every length are what FLINT says") {
  std::mt19937_64 random(2009);
  for (int bits = 2; bits <= 64; ++bits) {
    for (int i = 0; i < 2000; ++i) {
      const std::uint64_t n = random() >> (64 - bits) | std::uint64_t{1} << (bits - 1) | 1;
      CAPTURE(n);
      REQUIRE(primes::is_prime(n) == (n_is_prime(n) != 0));
    }
  }
}

TEST_CASE("primes of every length are primes here too") {
  std::mt19937_64 random(2010);
  for (int bits = 20; bits < 64; ++bits) {
    std::uint64_t p = std::uint64_t{1} << (bits - 1) | random() >> (65 - bits);
    for (int i = 0; i < 50; ++i) {
      p = n_nextprime(p, 1);
      CAPTURE(p);
      REQUIRE(primes::is_prime(p));
    }
  }
}

TEST_SUITE_END();
