#include "primes/is_prime.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "primes/oracle.hpp"

using primes::Certainty;
using primes::is_prime;
using primes::Method;

namespace {

// Compares every n in first … first + count − 1, wrapping nowhere, with the oracle.
void compare_window(std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t n = first + i;
    CAPTURE(n);
    REQUIRE(is_prime(n) == oracle::is_prime(n));
  }
}

}  // namespace

TEST_SUITE_BEGIN("is_prime");

TEST_CASE("every number below 2^22 is what a sieve says") {
  constexpr std::uint64_t end = std::uint64_t{1} << 22;
  const std::vector<bool> prime = oracle::sieve(end);
  std::uint64_t wrong = 0;
  for (std::uint64_t n = 0; n < end; ++n) wrong += is_prime(n) != prime[n] ? 1U : 0U;
  CHECK(wrong == 0);
}

TEST_CASE("numbers around each power of two are what twelve strong tests say") {
  for (int power = 20; power < 64; ++power) {
    compare_window((std::uint64_t{1} << power) - 2000, 4000);
  }
}

TEST_CASE("numbers where one method follows another are what twelve strong tests say") {
  compare_window((std::uint64_t{1} << 20) - 10'000, 20'000);
  compare_window((std::uint64_t{1} << 32) - 10'000, 20'000);
}

TEST_CASE("numbers at the top of the range are what twelve strong tests say") {
  compare_window(UINT64_MAX - 10'000, 10'001);
}

TEST_CASE("random odd numbers of every length are what GMP says") {
  std::mt19937_64 random(64);
  for (int bits = 2; bits <= 64; ++bits) {
    for (int i = 0; i < 2000; ++i) {
      const std::uint64_t n = random() >> (64 - bits) | std::uint64_t{1} << (bits - 1) | 1;
      CAPTURE(n);
      REQUIRE(is_prime(n) == oracle::is_prime(oracle::Mpz(n)));
    }
  }
}

TEST_CASE("the primes that a double cannot hold are prime") {
  CHECK(is_prime(9637529763296797));
  CHECK(is_prime(9007199254740997));
  CHECK(is_prime(18446744073709551557U));
  CHECK_FALSE(is_prime(18446744073709551556U));
  CHECK_FALSE(is_prime(18446744073709551615U));
}

TEST_CASE("the method is the one that decided, and always proves") {
  const struct {
    std::uint64_t n;
    bool prime;
    Method method;
  } cases[] = {
      {0, false, Method::definition},
      {1, false, Method::definition},
      {2, true, Method::table},
      {4, false, Method::table},
      {1048573, true, Method::table},
      {1048575, false, Method::table},
      {1048576, false, Method::trial_division},
      {1048583, true, Method::fermat_base_2},
      {1052651, false, Method::fermat_base_2},  // 1021 · 1031
      {4294967291, true, Method::fermat_base_2},
      {4294967295, false, Method::trial_division},
      {4294967311, true, Method::bpsw},
      {4295098369, false, Method::bpsw},  // 65537²
      {18446744073709551557U, true, Method::bpsw},
  };
  for (const auto& c : cases) {
    CAPTURE(c.n);
    const primes::Verdict verdict = primes::examine(c.n);
    CHECK(verdict.prime == c.prime);
    CHECK((verdict.method == c.method));
    CHECK((verdict.certainty == Certainty::proven));
  }
}

TEST_CASE("threads that ask at the same time all get the right answer") {
  std::vector<std::thread> threads;
  std::vector<std::uint64_t> wrong(4);
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    threads.emplace_back([&wrong, i] {
      for (const std::uint64_t base : {std::uint64_t{1'000'000}, std::uint64_t{1} << 40}) {
        for (std::uint64_t n = base; n < base + 1000; ++n) {
          wrong[i] += is_prime(n) != oracle::is_prime(n) ? 1U : 0U;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::uint64_t count : wrong) CHECK(count == 0);
}

TEST_SUITE_END();
