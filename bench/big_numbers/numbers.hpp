#pragma once

#include <gmp.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "measure.hpp"
#include "splitmix.hpp"

/// The primes that every contender is given.
namespace bench {

/// A GMP integer that cleans up after itself.
struct ClearMpz {
  void operator()(mpz_ptr value) const {
    mpz_clear(value);
    delete value;
  }
};
using Mpz = std::unique_ptr<__mpz_struct, ClearMpz>;

inline Mpz to_mpz(const std::string& decimal) {
  Mpz value(new __mpz_struct);
  mpz_init_set_str(value.get(), decimal.c_str(), 10);
  return value;
}

struct Primes {
  std::string figure;
  std::vector<std::string> decimals;
};

/// How many numbers of a size, and for those that take long to find, how far the next prime is.
struct Size {
  unsigned bits;
  std::size_t count;
  std::vector<unsigned long> distances;
};

inline const Size sizes[] = {
    {128, 300, {}},
    {256, 150, {}},
    {512, 40, {}},
    {1024, 8, {939, 118, 15, 1677, 457, 601, 371, 810}},
    {2048, 4, {535, 2209, 783, 197}},
    {4096, 2, {9502, 109}},
};

inline std::vector<Primes> all_primes(bool smoke) {
  mpz_t n;
  mpz_init(n);
  std::vector<Primes> all;
  for (const Size& size : sizes) {
    Primes primes{"bits_" + std::to_string(size.bits), {}};
    SplitMix64 random(size.bits);
    for (std::size_t i = 0; i < (smoke ? 1 : size.count); ++i) {
      std::vector<mp_limb_t> limbs(size.bits / 64);
      for (mp_limb_t& limb : limbs) limb = random();
      mpz_import(n, limbs.size(), -1, sizeof limbs[0], 0, 0, limbs.data());
      mpz_setbit(n, size.bits - 1);
      if (size.distances.empty()) {
        mpz_nextprime(n, n);
      } else {
        mpz_add_ui(n, n, size.distances[i]);
      }
      std::string decimal(mpz_sizeinbase(n, 10) + 2, '\0');
      primes.decimals.emplace_back(mpz_get_str(decimal.data(), 10, n));
    }
    all.push_back(std::move(primes));
  }
  mpz_clear(n);
  return all;
}

/// Has is_prime(number) answer for each of a size, the best of three times. `convert` makes of a
/// decimal what it takes, and is not measured.
template <class Convert, class IsPrime>
void measure_all(std::string_view contender, bool smoke, Convert convert, IsPrime is_prime) {
  for (const Primes& primes : all_primes(smoke)) {
    std::vector<decltype(convert(primes.decimals[0]))> numbers;
    for (const std::string& decimal : primes.decimals) numbers.push_back(convert(decimal));
    std::int64_t best_ns = INT64_MAX;
    for (int i = 0; i < (smoke ? 1 : 3); ++i) {
      const std::int64_t begun_ns = cpu_ns();
      for (auto& number : numbers) {
        if (is_prime(number)) continue;
        std::fprintf(stderr, "%s: a prime is taken for composite\n", contender.data());
        std::exit(1);
      }
      best_ns = std::min(best_ns, cpu_ns() - begun_ns);
    }
    print(contender, primes.figure,
          static_cast<double>(best_ns) / 1000 / static_cast<double>(numbers.size()));
  }
}

}  // namespace bench
