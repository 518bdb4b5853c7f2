#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "primes/isqrt.hpp"
#include "primes/jacobi.hpp"
#include "primes/lane_tests.hpp"
#include "primes/lanes.hpp"
#include "primes/oracle.hpp"
#include "primes/small_factor.hpp"
#include "primes/table.hpp"
#include "primes/word_modulus.hpp"
#include "primes/word_tests.hpp"

using namespace primes::detail;

TEST_SUITE_BEGIN("small_pieces");

TEST_CASE("isqrt is exact on both sides of every kind of square") {
  CHECK(isqrt(0) == 0);
  CHECK(isqrt(UINT64_MAX) == UINT32_MAX);
  std::mt19937_64 random(1);
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t root = 1 + (random() >> (32 + random() % 32));
    const std::uint64_t square = root * root;
    REQUIRE(isqrt(square) == root);
    REQUIRE(isqrt(square - 1) == root - 1);
    REQUIRE(isqrt(square + 2 * root) == root);
  }
  const std::uint64_t last = UINT32_MAX;
  CHECK(isqrt(last * last) == last);
  CHECK(isqrt(last * last - 1) == last - 1);
}

TEST_CASE("the Jacobi symbol is GMP's") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t a = random() >> (random() % 64);
    const std::uint64_t n = random() >> (random() % 64) | 1;
    REQUIRE(jacobi(a, n) == mpz_jacobi(oracle::Mpz(a).get(), oracle::Mpz(n).get()));
  }
}

// That the verdicts are right does not show it: a later P does as well for a prime, and the tables
// of pseudoprimes that the proof stands on are made with the first.
TEST_CASE("P for the Lucas test is the first whose symbol is -1") {
  std::mt19937_64 random(217719);
  std::vector<std::uint64_t> numbers;
  while (numbers.size() < 20'000) {
    const std::uint64_t n = random() >> random() % 40 | 1;
    if (!has_small_factor(n)) numbers.push_back(n);
  }
  std::vector<std::uint64_t> expected;
  for (const std::uint64_t n : numbers) {
    std::uint64_t p = 3;
    while (jacobi(p * p - 4, n) != -1) ++p;
    expected.push_back(p);
    REQUIRE(choose_p(n) == p);
  }
  CHECK(*std::max_element(expected.begin(), expected.end()) > 17);
#if defined(__x86_64__)
  if (!lanes_available()) {
    MESSAGE("this processor cannot choose eight at once");
    return;
  }
  std::vector<std::uint64_t> ps(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); i += 8) choose_ps(&numbers[i], &ps[i]);
  CHECK(ps == expected);
#endif
}

TEST_CASE("products modulo a word are those of plain division") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 50'000; ++i) {
    std::uint64_t n = random() >> (random() % 62) | 1;
    if (i % 10 == 0) n = UINT64_MAX - 2 * (random() % 100);
    if (n == 1) continue;
    CAPTURE(n);
    const WordModulus modulus(n);
    const std::uint64_t a = i % 7 == 0 ? n - 1 : random() % n;
    const std::uint64_t b = i % 11 == 0 ? n - 1 : random() % n;
    const auto product = static_cast<std::uint64_t>(static_cast<Word2>(a) * b % n);
    const auto sum = static_cast<std::uint64_t>((static_cast<Word2>(a) + b) % n);
    REQUIRE(modulus.multiply(modulus.form(a), modulus.form(b)) == modulus.form(product));
    REQUIRE(modulus.add(modulus.form(a), modulus.form(b)) == modulus.form(sum));
    REQUIRE(modulus.subtract(modulus.form(sum), modulus.form(b)) == modulus.form(a));
    REQUIRE(modulus.add(modulus.minus_one(), modulus.one()) == 0);
    REQUIRE(modulus.add(a, 0) == a);
  }
}

TEST_CASE("exactly the multiples of the primes below 150 have a small factor") {
  const std::vector<bool> prime = oracle::sieve(1000);
  for (std::uint64_t p = 2; p < prime.size(); ++p) {
    if (!prime[p]) continue;
    CAPTURE(p);
    for (const std::uint64_t cofactor : {1048583U, 4294967291U}) {
      CHECK(has_small_factor(p * cofactor) == (p < 150));
    }
    CHECK_FALSE(has_small_factor(18446744073709551557U));
  }
}

TEST_CASE("the walk through the table meets every odd prime below its end, in order") {
  const std::vector<bool> prime = oracle::sieve(table_end);
  TableWalk walk;
  for (std::uint64_t n = 3; n < table_end; ++n) {
    if (prime[n]) REQUIRE(walk.next() == n);
  }
  CHECK(walk.next() == 0);
  CHECK(walk.next() == 0);
}

TEST_SUITE_END();
