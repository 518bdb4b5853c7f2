#include "primes/check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "primes/is_prime.hpp"
#include "primes/oracle.hpp"

using oracle::Mpz;
using primes::Algorithm;
using primes::Certainty;
using primes::Check;
using primes::Integer;
using primes::Method;
using primes::Verdict;

namespace {

Integer integer(const Mpz& n) { return Integer::parse(n.to_string()).value(); }
Integer integer(const char* text) { return Integer::parse(text).value(); }

struct Course {
  std::size_t steps = 1;
  double last_progress = 0;  // before the step that brought the answer
};

// Advances a check to its end and looks at its progress on the way.
Course to_the_end(Check& check) {
  Course course;
  auto& [steps, progress] = course;
  progress = check.progress();
  CHECK(progress >= 0);
  for (; !check.advance(); ++steps) {
    const double now = check.progress();
    REQUIRE(now >= progress);
    REQUIRE(now <= 1);
    progress = now;
  }
  CHECK(check.progress() == 1);
  return course;
}

// CPU time of this thread: a step is bounded in work, whatever else the machine does.
std::chrono::nanoseconds thread_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// The product of two Mersenne primes: 19 929 digits, and no factor that a search could find.
Mpz twenty_thousand_digits() {
  Mpz n = oracle::mersenne(44497);
  mpz_mul(n.get(), n.get(), oracle::mersenne(21701).get());
  return n;
}

}  // namespace

TEST_SUITE_BEGIN("check");

TEST_CASE("an answer that fits a word is there at once") {
  for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2},
                                std::uint64_t{157}, std::uint64_t{427920331}, UINT64_MAX - 58}) {
    CAPTURE(n);
    Check check{Integer(n)};
    CHECK(check.progress() == 1);
    CHECK(check.advance());
    CHECK(check.verdict() == primes::examine(n));
  }
}

TEST_CASE("a negative number is not prime, whichever way it is checked") {
  const Verdict expected{false, Certainty::proven, Method::definition};
  for (const char* text : {"-1", "-2", "-7", "-18446744073709551629"}) {
    CAPTURE(text);
    CHECK(primes::check(integer(text)) == expected);
    CHECK(primes::check(integer(text), Algorithm::trial_division) == expected);
  }
}

TEST_CASE("a check advanced by hand gives the verdict of one driven to its end") {
  for (const unsigned exponent : {67U, 89U, 101U, 127U, 521U, 523U, 2203U, 4423U}) {
    CAPTURE(exponent);
    const Integer n = integer(oracle::mersenne(exponent));
    Check check(n);
    to_the_end(check);
    CHECK(check.verdict() == primes::check(n));
    const Verdict verdict = check.verdict();
    CHECK(check.advance());  // which does nothing more
    CHECK(check.verdict() == verdict);
  }
}

TEST_CASE("random large numbers are what GMP says") {
  std::mt19937_64 random(128);
  for (const unsigned limbs : {2U, 2U, 3U, 4U, 6U}) {
    for (int i = 0; i < 400; ++i) {
      Mpz n(1);
      for (unsigned j = 0; j < limbs; ++j) {
        mpz_mul_2exp(n.get(), n.get(), 64);
        mpz_add_ui(n.get(), n.get(), random());
      }
      mpz_fdiv_q_2exp(n.get(), n.get(), random() % 63);
      mpz_setbit(n.get(), 0);
      if (i % 8 == 0) mpz_nextprime(n.get(), n.get());
      CAPTURE(n.to_string());
      REQUIRE(primes::check(integer(n)).prime == oracle::is_prime(n));
    }
  }
}

TEST_CASE("products of two large primes are composite, and it is bpsw that says so") {
  std::mt19937_64 random(256);
  for (int i = 0; i < 100; ++i) {
    Mpz p(random() | std::uint64_t{1} << 63);
    Mpz q(random() | std::uint64_t{1} << 63);
    mpz_nextprime(p.get(), p.get());
    mpz_nextprime(q.get(), q.get());
    mpz_mul(p.get(), p.get(), q.get());
    CAPTURE(p.to_string());
    REQUIRE(primes::check(integer(p)) == Verdict{false, Certainty::proven, Method::bpsw});
  }
}

// (k-1)(2k+1): see the same products in pseudoprimes_test.cpp.
TEST_CASE("large Lucas pseudoprimes are composite") {
  std::mt19937_64 random(88);
  for (int found = 0; found < 60;) {
    const std::uint64_t k = (random() >> 20 | std::uint64_t{1} << 43) & ~std::uint64_t{1};
    if (!oracle::is_prime(k - 1) || !oracle::is_prime(2 * k + 1)) continue;
    ++found;
    Mpz n(k - 1);
    mpz_mul_ui(n.get(), n.get(), 2 * k + 1);
    CAPTURE(n.to_string());
    REQUIRE(primes::check(integer(n)) == Verdict{false, Certainty::proven, Method::bpsw});
  }
}

TEST_CASE("a small factor of a large number is found by division") {
  const Verdict expected{false, Certainty::proven, Method::trial_division};
  for (const unsigned factor : {2U, 3U, 5U, 53U, 59U, 149U, 151U, 1009U, 65'537U, 1'048'573U}) {
    CAPTURE(factor);
    Mpz n = oracle::mersenne(9941);
    mpz_mul_ui(n.get(), n.get(), factor);
    CHECK(primes::check(integer(n)) == expected);
  }
}

TEST_CASE("trial division agrees with a sieve and takes squares for what they are") {
  const std::vector<bool> prime = oracle::sieve(20'000);
  for (std::uint64_t n = 0; n < prime.size(); ++n) {
    const Verdict verdict = primes::check(Integer(n), Algorithm::trial_division);
    REQUIRE(verdict.prime == prime[n]);
    REQUIRE((verdict.method == (n < 2 ? Method::definition : Method::trial_division)));
    if (prime[n]) REQUIRE_FALSE(primes::check(Integer(n * n), Algorithm::trial_division).prime);
  }
  const std::uint64_t p = 100'003;  // the divisor at the very end is the second step's
  CHECK_FALSE(primes::check(Integer(p * p), Algorithm::trial_division).prime);
}

TEST_CASE("trial division looks up every 50 000 candidates") {
  Check check(Integer(9637529763296797), Algorithm::trial_division);
  CHECK(to_the_end(check).steps == 982);  // floor(sqrt(n)) = 98170920, and 3 is the first
  CHECK(check.verdict() == Verdict{true, Certainty::proven, Method::trial_division});
}

TEST_CASE("trial division refuses 2^64 and takes 2^64 - 1") {
  CHECK_THROWS_AS(Check(integer("18446744073709551616"), Algorithm::trial_division),
                  std::invalid_argument);
  CHECK_THROWS_AS(Check(integer(oracle::mersenne(127)), Algorithm::trial_division),
                  std::invalid_argument);
  CHECK_FALSE(primes::check(Integer(UINT64_MAX), Algorithm::trial_division).prime);
}

TEST_CASE("the largest prime that fits a word goes on in small steps of trial division") {
  Check check(Integer(18446744073709551557U), Algorithm::trial_division);
  for (int i = 0; i < 100; ++i) REQUIRE_FALSE(check.advance());
  CHECK(check.progress() == doctest::Approx(100 * 100'000 / 4294967295.0));
}

TEST_CASE("a long check is cut into steps far below its whole") {
  Check check(integer(oracle::mersenne(4423)));
  const Course course = to_the_end(check);
  CHECK(course.steps > 25);
  CHECK(course.last_progress > 0.9);  // all of the work was done, and reckoned right
  CHECK(check.verdict() == Verdict{true, Certainty::probable, Method::bpsw});
}

TEST_CASE("a step of a number of 20 000 digits takes about a millisecond at most") {
  Check check(integer(twenty_thousand_digits()));
  std::vector<std::chrono::nanoseconds> steps;
  // Through the search for factors and the set-up into the powers.
  for (int i = 0; i < 400; ++i) {
    const auto before = thread_time();
    REQUIRE_FALSE(check.advance());
    steps.push_back(thread_time() - before);
  }
  std::sort(steps.begin(), steps.end());
  // Not the very last: a step may have been the one that met a cold cache.
  CHECK(steps[steps.size() * 95 / 100] < std::chrono::milliseconds(2));
  CHECK(check.progress() > 0);
  CHECK(check.progress() < 0.1);
}

TEST_CASE("a check that is moved goes on where it was") {
  Check first(integer(oracle::mersenne(2203)));
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(first.advance());
  const double progress = first.progress();
  Check second(std::move(first));
  CHECK(second.progress() == progress);
  Check third(Integer(4));
  third = std::move(second);
  CHECK(third.progress() == progress);
  while (!third.advance()) {
  }
  CHECK(third.verdict().prime);
}

TEST_CASE("a check can be dropped in any of its phases") {
  const Integer n = integer(oracle::mersenne(4423));
  for (const int steps : {0, 1, 2, 3, 10, 25}) {
    Check check(n);
    for (int i = 0; i < steps; ++i) REQUIRE_FALSE(check.advance());
    CHECK(check.progress() < 1);
  }
}

TEST_SUITE_END();
