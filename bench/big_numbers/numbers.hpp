#pragma once

#include <gmp.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "measure.hpp"

/// The primes that every contender is given: of each size so many that a pass takes a tenth of a
/// second or so.
namespace bench {

struct Primes {
  std::string figure;
  std::vector<std::string> decimals;
};

inline std::vector<Primes> all_primes(bool smoke) {
  const struct {
    unsigned bits;
    int count;
  } sizes[] = {{128, 1000}, {256, 400}, {512, 100}, {1024, 30}, {2048, 8}, {4096, 2}};
  gmp_randstate_t random;
  gmp_randinit_mt(random);
  gmp_randseed_ui(random, 2026);
  mpz_t n;
  mpz_init(n);
  std::vector<Primes> all;
  for (const auto& [bits, count] : sizes) {
    Primes primes{"bits_" + std::to_string(bits), {}};
    for (int i = 0; i < (smoke ? 1 : count); ++i) {
      if (bits < 4096) {
        mpz_urandomb(n, random, bits);
        mpz_setbit(n, bits - 1);
        mpz_nextprime(n, n);
      } else {
        // Seconds to search for: 2^4096 − 2549, and 2^4095 + 405 + …, have been found before.
        mpz_set_ui(n, 0);
      }
      std::vector<char> digits(mpz_sizeinbase(n, 10) + 2);
      primes.decimals.emplace_back(mpz_get_str(digits.data(), 10, n));
    }
    all.push_back(std::move(primes));
  }
  mpz_clear(n);
  gmp_randclear(random);
  return all;
}

}  // namespace bench
