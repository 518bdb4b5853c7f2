#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <vector>

#include "primes/lanes.hpp"
#include "primes/lucas_test.hpp"
#include "primes/oracle.hpp"
#include "primes/strong_test.hpp"
#include "primes/word_tests.hpp"

using namespace primes::detail;

// The tests themselves, apart from the methods that combine them: each must let through exactly the
// primes and the pseudoprimes that are published for it. An error that only makes a test stricter
// or laxer on composites would go unseen behind another test.
namespace {

using Numbers = std::vector<std::uint64_t>;

template <class Test>
bool passes(Test& test) {
  for (;;) {
    const Outcome outcome = test.advance();
    if (outcome != Outcome::unfinished) return outcome == Outcome::passed;
  }
}

// Small numbers as large ones, in every way that this machine has.
std::vector<Arithmetic> arithmetics() {
  std::vector<Arithmetic> available{Arithmetic::rows, Arithmetic::products};
  if (lanes_available()) available.push_back(Arithmetic::ifma);
  return available;
}

bool large_strong(std::uint64_t n, unsigned base, Arithmetic arithmetic) {
  Modulus modulus({&n, 1}, arithmetic);
  StrongTest test(modulus, base);
  return passes(test);
}

bool large_lucas(std::uint64_t n, Arithmetic arithmetic) {
  Modulus modulus({&n, 1}, arithmetic);
  LucasTest test(modulus);
  return passes(test);
}

std::vector<Limb> to_limbs(const oracle::Mpz& n) {
  std::vector<Limb> limbs(mpz_size(n.get()));
  mpz_export(limbs.data(), nullptr, -1, sizeof(Limb), 0, 0, n.get());
  return limbs;
}

// 3 · 2^exponent + addend.
oracle::Mpz three_times(unsigned exponent, long addend) {
  oracle::Mpz n(3);
  mpz_mul_2exp(n.get(), n.get(), exponent);
  if (addend < 0) mpz_sub_ui(n.get(), n.get(), static_cast<unsigned long>(-addend));
  if (addend > 0) mpz_add_ui(n.get(), n.get(), static_cast<unsigned long>(addend));
  return n;
}

// The least of a few, in CPU time of this thread.
template <class Test, class... Arguments>
double nanoseconds(const oracle::Mpz& n, Arguments... arguments) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  };
  double least = 1e18;
  for (int i = 0; i < 5; ++i) {
    Modulus modulus(to_limbs(n));
    Test test(modulus, arguments...);
    const double before = now();
    passes(test);
    least = std::min(least, now() - before);
  }
  return least;
}

// The odd composites from 400 to 100 000 that pass; a prime that does not is reported at once.
template <class Test>
Numbers pseudoprimes(Test passes_test) {
  const std::vector<bool> prime = oracle::sieve(100'000);
  Numbers found;
  for (std::uint64_t n = 401; n < 100'000; n += 2) {
    const bool passed = passes_test(n);
    if (prime[n]) REQUIRE_MESSAGE(passed, "prime ", n, " does not pass");
    if (passed && !prime[n]) found.push_back(n);
  }
  return found;
}

// OEIS A001262, A020229 and A217719, up to 100 000.
const Numbers strong_base_2{2047,  3277,  4033,  4681,  8321,  15841, 29341, 42799,
                            49141, 52633, 65281, 74665, 80581, 85489, 88357, 90751};
const Numbers strong_base_3{703,   1891,  3281,  8401,  8911,  10585, 12403, 16531,
                            18721, 19345, 23521, 31621, 44287, 47197, 55969, 63139,
                            74593, 79003, 82513, 87913, 88573, 97567};
const Numbers extra_strong_lucas{989,   3239,  5777,  10877, 27971, 29681,
                                 30739, 31631, 39059, 72389, 73919, 75077};

}  // namespace

TEST_SUITE_BEGIN("large_tests");

TEST_CASE("the strong test lets through the published pseudoprimes, and no others") {
  for (const Arithmetic how : arithmetics()) {
    CAPTURE(static_cast<int>(how));
    CHECK(pseudoprimes([how](auto n) { return large_strong(n, 2, how); }) == strong_base_2);
    CHECK(pseudoprimes([how](auto n) { return large_strong(n, 3, how); }) == strong_base_3);
  }
  CHECK(pseudoprimes([](auto n) { return passes_strong_base_2(WordModulus(n)); }) == strong_base_2);
}

TEST_CASE("the Lucas test lets through the published pseudoprimes, and no others") {
  for (const Arithmetic how : arithmetics()) {
    CAPTURE(static_cast<int>(how));
    CHECK(pseudoprimes([how](auto n) { return large_lucas(n, how); }) == extra_strong_lucas);
  }
  CHECK(pseudoprimes([](auto n) { return passes_extra_strong_lucas(WordModulus(n)); }) ==
        extra_strong_lucas);
}

TEST_CASE("the Lucas test ends on squares, for which there is no P") {
  for (const std::uint64_t root : {4294967291U, 4294967279U, 1000003U, 65537U}) {
    CHECK_FALSE(passes_extra_strong_lucas(WordModulus(root * root)));
    for (const Arithmetic how : arithmetics()) CHECK_FALSE(large_lucas(root * root, how));
  }
  oracle::Mpz square = oracle::mersenne(127);
  mpz_mul(square.get(), square.get(), square.get());
  Modulus modulus(to_limbs(square));
  LucasTest test(modulus);
  CHECK_FALSE(passes(test));
}

TEST_CASE("Fermat numbers pass the strong test to base 2 and no Lucas test") {
  for (const std::size_t bits : {128U, 512U, 8192U}) {  // F7, F9 and F13 are composite
    std::vector<Limb> limbs(bits / 64 + 1);
    limbs.front() = limbs.back() = 1;
    Modulus modulus(limbs);
    StrongTest strong(modulus, 2);
    CHECK(passes(strong));
    CHECK(strong.progress() <= 1);
    LucasTest lucas(modulus);
    CHECK_FALSE(passes(lucas));
  }
}

TEST_CASE("Mersenne primes, all ones, pass both tests") {
  for (const unsigned exponent : {89U, 107U, 127U, 521U, 607U, 1279U, 4423U}) {
    CAPTURE(exponent);
    Modulus modulus(to_limbs(oracle::mersenne(exponent)));
    StrongTest strong(modulus, 2);
    CHECK(passes(strong));
    LucasTest lucas(modulus);
    CHECK(passes(lucas));
  }
}

TEST_CASE("primes 3 * 2^m + 1 pass the strong test, and 3 * 2^m - 1 the Lucas test") {
  for (const unsigned exponent : {66U, 189U, 534U, 2208U, 3168U}) {
    CAPTURE(exponent);
    Modulus modulus(to_limbs(three_times(exponent, 1)));
    StrongTest strong(modulus, 5);
    CHECK(passes(strong));
    StrongTest strong_to_2(modulus, 2);
    CHECK(passes(strong_to_2));
  }
  for (const unsigned exponent : {64U, 206U, 827U, 1274U, 3276U}) {
    CAPTURE(exponent);
    Modulus modulus(to_limbs(three_times(exponent, -1)));
    LucasTest lucas(modulus);
    CHECK(passes(lucas));
  }
}

// Nearly every bit of these is one at which the tests compare what they have reached.
TEST_CASE("to compare costs next to nothing beside the products") {
  const double strong = nanoseconds<StrongTest>(three_times(3189, 1), 2U);
  const double strong_elsewhere = nanoseconds<StrongTest>(three_times(3189, (1L << 40) - 1), 2U);
  CHECK(strong < 1.7 * strong_elsewhere);
  // A square a bit, and elsewhere a product beside it.
  const double lucas = nanoseconds<LucasTest>(oracle::mersenne(3217));
  oracle::Mpz other = oracle::mersenne(3217);
  mpz_sub_ui(other.get(), other.get(), 1UL << 40);
  while (mpz_gcd_ui(nullptr, other.get(), 3UL * 5 * 7 * 11 * 13 * 17) != 1) {
    mpz_sub_ui(other.get(), other.get(), 2);
  }
  CHECK(lucas < 0.9 * nanoseconds<LucasTest>(other));
}

TEST_SUITE_END();
