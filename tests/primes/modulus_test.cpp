#include "primes/modulus.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "primes/lanes.hpp"
#include "primes/oracle.hpp"

using oracle::Mpz;
using primes::detail::Arithmetic;
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

// The ways to multiply that this machine has; says which it lacks.
std::vector<Arithmetic> arithmetics() {
  std::vector<Arithmetic> available{Arithmetic::rows, Arithmetic::products};
  if (primes::detail::lanes_available()) {
    available.push_back(Arithmetic::ifma);
  } else {
    MESSAGE("this processor cannot multiply eight limbs at once");
  }
  return available;
}

// A residue, and what it has to stand for.
struct Value {
  Modulus::Residue residue;
  Mpz number;
};

Value value(const Modulus& modulus, const Mpz& n, Limb number) {
  Value result{modulus.form(number), Mpz(number)};
  mpz_mod(result.number.get(), result.number.get(), n.get());
  return result;
}

Value negative(const Modulus& modulus, const Mpz& n, Limb number) {
  Value result = value(modulus, n, number);
  modulus.negate(result.residue);
  mpz_sub(result.number.get(), n.get(), result.number.get());
  return result;
}

// x = x · y + addend in GMP.
void multiply_add(Mpz& x, const Mpz& y, const Mpz& addend, const Mpz& n) {
  mpz_mul(x.get(), x.get(), y.get());
  mpz_add(x.get(), x.get(), addend.get());
  mpz_mod(x.get(), x.get(), n.get());
}

// A long walk through everything that there is to do, with GMP beside it.
void walk(Modulus& modulus, const Mpz& n, std::mt19937_64& random) {
  const Mpz zero;
  Value x = value(modulus, n, 3);
  Value y = negative(modulus, n, 2);
  const Value addend = value(modulus, n, 7);
  const Value other = negative(modulus, n, 1);
  for (int i = 0; i < 40; ++i) {
    switch (random() % 5) {
      case 0:
        modulus.multiply(x.residue, y.residue);
        multiply_add(x.number, y.number, zero, n);
        break;
      case 1:
        modulus.square(x.residue);
        multiply_add(x.number, x.number, zero, n);
        break;
      case 2:
        modulus.square(y.residue, true);
        multiply_add(y.number, y.number, zero, n);
        multiply_add(y.number, Mpz(2), zero, n);
        break;
      case 3:
        modulus.square_add(y.residue, other.residue);
        multiply_add(y.number, y.number, other.number, n);
        break;
      default:
        modulus.climb(x.residue, y.residue, addend.residue, other.residue);
        multiply_add(x.number, y.number, addend.number, n);
        multiply_add(y.number, y.number, other.number, n);
    }
    REQUIRE(mpz_cmp(to_mpz(modulus.plain(x.residue)).get(), x.number.get()) == 0);
    REQUIRE(mpz_cmp(to_mpz(modulus.plain(y.residue)).get(), y.number.get()) == 0);
  }
}

}  // namespace

TEST_SUITE_BEGIN("modulus");

TEST_CASE("products and sums are GMP's, in every way to make them and at every length") {
  std::mt19937_64 random(70);
#ifdef __OPTIMIZE__
  constexpr std::size_t lengths = 6;
#else
  constexpr std::size_t lengths = 2;
#endif
  for (std::size_t limbs = 1; limbs < 820; limbs += 1 + limbs / lengths) {
    for (int kind = 0; kind < 4; ++kind) {
      const std::vector<Limb> number = odd_number(random, limbs, kind);
      const Mpz n = to_mpz(number);
      if (mpz_cmp_ui(n.get(), 10) < 0) continue;
      for (const Arithmetic arithmetic : arithmetics()) {
        if (arithmetic == Arithmetic::ifma &&
            primes::detail::bit_length(number) > primes::detail::IfmaModulus::most_bits) {
          continue;
        }
        CAPTURE(limbs);
        CAPTURE(kind);
        CAPTURE(static_cast<int>(arithmetic));
        Modulus modulus(number, arithmetic);
        walk(modulus, n, random);
      }
    }
  }
}

// The lengths at which a vector more is needed, and at which the lowest limb of R is.
TEST_CASE("products of eight limbs at once are GMP's at every bit of a length") {
  if (!primes::detail::lanes_available()) {
    MESSAGE("this processor cannot multiply eight limbs at once");
    return;
  }
  std::mt19937_64 random(71);
  for (std::size_t bits = 64; bits < 7100; bits += bits < 500 ? 1 : 37) {
    Mpz n = oracle::mersenne(static_cast<unsigned>(bits));
    if (bits % 3 == 0) mpz_sub_ui(n.get(), n.get(), random() & ~std::uint64_t{1});
    std::vector<Limb> number((bits + 63) / 64);
    mpz_export(number.data(), nullptr, -1, sizeof(Limb), 0, 0, n.get());
    if (number.back() == 0 || mpz_cmp_ui(n.get(), 10) < 0) continue;
    CAPTURE(bits);
    Modulus modulus(number, Arithmetic::ifma);
    walk(modulus, n, random);
  }
}

TEST_CASE("residues are equal when they stand for the same number") {
  std::mt19937_64 random(72);
  for (const std::size_t limbs : {2U, 3U, 70U}) {
    const std::vector<Limb> number = odd_number(random, limbs, 0);
    for (const Arithmetic arithmetic : arithmetics()) {
      Modulus modulus(number, arithmetic);
      Modulus::Residue minus_four = modulus.form(4);
      modulus.negate(minus_four);
      Modulus::Residue zero = modulus.form(2);
      modulus.square_add(zero, minus_four);
      CHECK(modulus.equal(zero, modulus.form(0)));
      CHECK_FALSE(modulus.equal(zero, modulus.form(1)));
      Modulus::Residue eight = modulus.form(2);
      modulus.square(eight, true);
      CHECK(modulus.equal(eight, modulus.form(8)));
    }
  }
}

// Where eight limbs are multiplied at once, a residue is not the least: it may be any below 4n.
TEST_CASE("residues that differ by a multiple of n are equal, and others are not") {
  if (!primes::detail::lanes_available()) {
    MESSAGE("this processor cannot multiply eight limbs at once");
    return;
  }
  constexpr std::size_t unused_bits = 64 - 52;
  std::mt19937_64 random(73);
  for (const std::size_t limbs : {1U, 2U, 3U, 9U, 70U}) {
    for (int kind = 0; kind < 4; ++kind) {
      const std::vector<Limb> number = odd_number(random, limbs, kind);
      const Mpz n = to_mpz(number);
      if (mpz_cmp_ui(n.get(), 10) < 0) continue;
      CAPTURE(limbs);
      CAPTURE(kind);
      const std::size_t bits = primes::detail::bit_length(number);
      const Modulus modulus(number, Arithmetic::ifma);
      Modulus::Residue least = modulus.form(random());
      // More by `multiple` · n, and by a bit.
      const auto more = [&](unsigned multiple, mp_bitcnt_t bit, bool with_bit) {
        Mpz sum;
        mpz_import(sum.get(), least.size(), -1, sizeof(Limb), 0, unused_bits, least.data());
        mpz_addmul_ui(sum.get(), n.get(), multiple);
        if (with_bit) mpz_combit(sum.get(), bit);
        Modulus::Residue result(least.size());
        mpz_export(result.data(), nullptr, -1, sizeof(Limb), 0, unused_bits, sum.get());
        return result;
      };
      for (unsigned a = 0; a < 4; ++a) {
        for (unsigned b = 0; b < 4; ++b) {
          CHECK(modulus.equal(more(a, 0, false), more(b, 0, false)));
          for (const mp_bitcnt_t bit : {std::size_t{0}, bits / 2, bits - 1}) {
            CHECK_FALSE(modulus.equal(more(a, bit, true), more(b, 0, false)));
            CHECK_FALSE(modulus.equal(more(a, 0, false), more(b, bit, true)));
          }
        }
      }
    }
  }
}

TEST_SUITE_END();
