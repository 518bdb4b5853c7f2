#include <doctest/doctest.h>
#include <flint/ulong_extras.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "primes/batch.hpp"
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

TEST_CASE("a batch of odd numbers of every length is what FLINT says") {
  std::mt19937_64 random(2011);
  std::vector<std::uint64_t> numbers;
  for (int bits = 2; bits <= 64; ++bits) {
    for (int i = 0; i < 5000; ++i) {
      numbers.push_back(random() >> (64 - bits) | std::uint64_t{1} << (bits - 1) | 1);
    }
  }
  std::shuffle(numbers.begin(), numbers.end(), random);
  const auto answers = std::make_unique<bool[]>(numbers.size());
  for (const primes::detail::BatchPath* path : primes::detail::batch_paths()) {
    if (!path->available()) continue;
    CAPTURE(path->name);
    primes::detail::is_prime(*path, numbers, std::span(answers.get(), numbers.size()));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (answers[i] == (n_is_prime(numbers[i]) != 0)) continue;
      FAIL("wrong for ", numbers[i]);
    }
  }
}

TEST_SUITE_END();
