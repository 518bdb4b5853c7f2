#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "primes/check.hpp"
#include "primes/is_prime.hpp"
#include "primes/oracle.hpp"
#include "primes/word_tests.hpp"

using primes::Integer;
using primes::is_prime;

// Composites that are made to be taken for primes.
namespace {

const std::vector<std::uint64_t> exceptions{
#include "primes/euler_pseudoprimes.inc"
};

std::uint64_t next_prime(std::uint64_t n) {
  for (n |= 1; !oracle::is_prime(n); n += 2) {
  }
  return n;
}

}  // namespace

TEST_SUITE_BEGIN("pseudoprimes");

TEST_CASE("the list of exceptions is in order, complete, and holds no prime") {
  REQUIRE(exceptions.size() == 2752);
  CHECK(std::is_sorted(exceptions.begin(), exceptions.end()));
  std::size_t strong = 0;
  for (const std::uint64_t n : exceptions) {
    CAPTURE(n);
    REQUIRE_FALSE(oracle::is_prime(n));
    REQUIRE_FALSE(is_prime(n));
    if (primes::detail::passes_strong_base_2(primes::detail::WordModulus(n))) ++strong;
  }
  // Those that the strong test alone would call prime: without the list, all these would be
  // wrong.
  CHECK(strong == 2023);
}

TEST_CASE("the least numbers that pass strong tests to the first bases are composite") {
  // OEIS A014233, psi_1 to psi_13; psi_7 = psi_8 and psi_9 = psi_10 = psi_11.
  for (const char* text : {"2047", "1373653", "25326001", "3215031751", "2152302898747",
                           "3474749660383", "341550071728321", "3825123056546413051",
                           "318665857834031151167461", "3317044064679887385961981"}) {
    CAPTURE(text);
    const primes::Verdict verdict = primes::check(*Integer::parse(text));
    CHECK_FALSE(verdict.prime);
    CHECK((verdict.certainty == primes::Certainty::proven));
  }
}

TEST_CASE("the bound of the thirteen bases is where proofs end") {
  using primes::Method;
  CHECK(
      (primes::check(*Integer::parse("318665857834031151167461")).method == Method::miller_rabin));
  // psi_13 passes all thirteen bases, so it must not be left to them.
  CHECK((primes::check(*Integer::parse("3317044064679887385961981")).method == Method::bpsw));
  oracle::Mpz n("3317044064679887385961981");
  mpz_nextprime(n.get(), n.get());
  const primes::Verdict above = primes::check(*Integer::parse(n.to_string()));
  CHECK(above == primes::Verdict{true, primes::Certainty::probable, Method::bpsw});
  do {
    mpz_sub_ui(n.get(), n.get(), 2);
  } while (mpz_cmp(n.get(), oracle::Mpz("3317044064679887385961981").get()) >= 0 ||
           !oracle::is_prime(n));
  const primes::Verdict below = primes::check(*Integer::parse(n.to_string()));
  CHECK(below == primes::Verdict{true, primes::Certainty::proven, Method::miller_rabin});
}

TEST_CASE("squares of primes are composite") {
  for (const std::uint64_t wieferich : {1093U, 3511U, 1093U * 3511U}) {
    CHECK_FALSE(is_prime(wieferich * wieferich));  // these pass the strong test to base 2
  }
  std::mt19937_64 random(2);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t p = next_prime(random() >> (33 + random() % 20));
    CAPTURE(p);
    REQUIRE_FALSE(is_prime(p * p));
  }
  for (const std::uint64_t p : {4294967291U, 4294967279U, 4294967231U, 65537U, 65539U}) {
    CHECK_FALSE(is_prime(p * p));
  }
  for (const char* text : {"18446744073709551629", "36893488147419103363"}) {
    oracle::Mpz square{std::string_view(text)};
    mpz_mul(square.get(), square.get(), square.get());
    CHECK_FALSE(primes::check(*Integer::parse(square.to_string())).prime);
  }
}

TEST_CASE("products (k+1)(mk+1) of two primes, the usual strong pseudoprimes, are composite") {
  std::mt19937_64 random(12);
  for (const std::uint64_t m : {2U, 3U, 4U, 5U, 6U}) {
    int found = 0;
    std::uint64_t strong = 0;
    while (found < 150) {
      const std::uint64_t k = (random() >> (34 + random() % 12)) & ~std::uint64_t{1};
      if (!oracle::is_prime(k + 1) || !oracle::is_prime(m * k + 1)) continue;
      ++found;
      const std::uint64_t n = (k + 1) * (m * k + 1);
      CAPTURE(n);
      REQUIRE_FALSE(is_prime(n));
      if (primes::detail::passes_strong_base_2(primes::detail::WordModulus(n))) ++strong;
    }
    CHECK(strong > 0);  // or the test would test nothing
  }
}

// The other half's counterpart: p = k - 1, where P² - 4 is no square, and q = mk + 1, where it is
// one. Then k divides n + 1, and the Lucas test alone takes many of these for primes.
TEST_CASE("products (k-1)(mk+1) of two primes, the usual Lucas pseudoprimes, are composite") {
  std::mt19937_64 random(21);
  std::uint64_t lucas = 0;
  for (const std::uint64_t m : {2U, 4U, 6U}) {
    for (int found = 0; found < 300;) {
      const std::uint64_t k = (random() >> (34 + random() % 12)) & ~std::uint64_t{1};
      if (!oracle::is_prime(k - 1) || !oracle::is_prime(m * k + 1)) continue;
      ++found;
      const std::uint64_t n = (k - 1) * (m * k + 1);
      CAPTURE(n);
      REQUIRE_FALSE(is_prime(n));
      if (primes::detail::passes_extra_strong_lucas(primes::detail::WordModulus(n))) ++lucas;
    }
  }
  CHECK(lucas > 20);
}

TEST_CASE("Chernick's Carmichael numbers are composite") {
  int small = 0;
  for (std::uint64_t k = 1; small < 300; ++k) {
    const std::uint64_t factors[] = {6 * k + 1, 12 * k + 1, 18 * k + 1};
    if (!std::all_of(std::begin(factors), std::end(factors),
                     [](auto p) { return oracle::is_prime(p); })) {
      continue;
    }
    ++small;
    CAPTURE(k);
    REQUIRE_FALSE(is_prime(factors[0] * factors[1] * factors[2]));
  }
  int large = 0;
  for (std::uint64_t k = 10'000'000'000; large < 5; ++k) {
    oracle::Mpz n(1);
    bool all_prime = true;
    for (const std::uint64_t m : {6U, 12U, 18U}) {
      all_prime = all_prime && oracle::is_prime(m * k + 1);
      mpz_mul_ui(n.get(), n.get(), m * k + 1);
    }
    if (!all_prime) continue;
    ++large;
    CHECK_FALSE(primes::check(*Integer::parse(n.to_string())).prime);
  }
}

TEST_SUITE_END();
