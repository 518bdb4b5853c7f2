#include "primes/modulus.hpp"

#include <doctest/doctest.h>

#include <random>

#include "primes/oracle.hpp"

using oracle::Mpz;
using primes::detail::Limb;
using primes::detail::Modulus;

namespace {

Mpz to_mpz(std::span<const Limb> limbs) {
  Mpz value;
  mpz_import(value.get(), limbs.size(), -1, sizeof(Limb), 0, 0, limbs.data());
  return value;
}

// Numbers that carry far, beside ordinary ones: all ones, or a top limb of 1.
std::vector<Limb> odd_number(std::mt19937_64& random, std::size_t limbs, int kind) {
  std::vector<Limb> n(limbs, kind == 1 ? ~Limb{0} : 0);
  if (kind != 1) {
    for (Limb& limb : n) limb = random();
  }
  if (kind == 2) n.back() = 1;
  if (kind == 3) n.back() = ~Limb{0};
  n.front() |= 1;
  return n;
}

Modulus::Residue residue(std::mt19937_64& random, const Mpz& n, std::size_t limbs) {
  Modulus::Residue x(limbs);
  for (Limb& limb : x) limb = random();
  Mpz value = to_mpz(x);
  mpz_mod(value.get(), value.get(), n.get());
  std::fill(x.begin(), x.end(), 0);
  mpz_export(x.data(), nullptr, -1, sizeof(Limb), 0, 0, value.get());
  return x;
}

// Whether a · B^N = b modulo n.
bool equal_after_shift(const Mpz& a, std::size_t limbs, const Mpz& b, const Mpz& n) {
  Mpz difference;
  mpz_mul_2exp(difference.get(), a.get(), 64 * limbs);
  mpz_sub(difference.get(), difference.get(), b.get());
  return mpz_divisible_p(difference.get(), n.get()) != 0;
}

}  // namespace

TEST_SUITE_BEGIN("modulus");

TEST_CASE("products are GMP's, on either side of where the reduction changes") {
  std::mt19937_64 random(70);
  for (const std::size_t limbs : {1U, 2U, 3U, 4U, 17U, 69U, 70U, 71U, 73U, 103U, 128U, 260U}) {
    for (int round = 0; round < 12; ++round) {
      CAPTURE(limbs);
      const std::vector<Limb> number = odd_number(random, limbs, round % 4);
      const Mpz n = to_mpz(number);
      Modulus modulus(number);
      Modulus::Residue x = residue(random, n, limbs);
      const Modulus::Residue y = residue(random, n, limbs);
      Mpz expected;
      mpz_mul(expected.get(), to_mpz(x).get(), to_mpz(y).get());
      modulus.multiply(x, y);
      REQUIRE(equal_after_shift(to_mpz(x), limbs, expected, n));
      REQUIRE(mpz_cmp(to_mpz(x).get(), n.get()) < 0);
      mpz_mul(expected.get(), to_mpz(x).get(), to_mpz(x).get());
      modulus.square(x);
      REQUIRE(equal_after_shift(to_mpz(x), limbs, expected, n));
      REQUIRE(mpz_cmp(to_mpz(x).get(), n.get()) < 0);
    }
  }
}

TEST_CASE("sums and forms are what their names say") {
  std::mt19937_64 random(71);
  for (const std::size_t limbs : {2U, 3U, 70U}) {
    for (int kind = 0; kind < 4; ++kind) {
      const std::vector<Limb> number = odd_number(random, limbs, kind);
      const Modulus modulus(number);
      const Modulus::Residue one = modulus.form(1);
      Modulus::Residue two = one;
      modulus.twice(two);
      CHECK(two == modulus.form(2));
      Modulus::Residue three = modulus.form(5);
      modulus.subtract(three, two);
      CHECK(three == modulus.form(3));
      Modulus::Residue minus_two = modulus.form(1);
      modulus.subtract(minus_two, modulus.form(3));
      modulus.negate(minus_two);
      CHECK(minus_two == two);
      CHECK(equal_after_shift(Mpz(7), limbs, to_mpz(modulus.form(7)), to_mpz(number)));
    }
  }
}

TEST_SUITE_END();
