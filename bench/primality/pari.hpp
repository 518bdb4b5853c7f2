#pragma once

#include <cstdint>

/// PARI apart: among the names that it makes global is `primes`.
namespace pari {

void begin();
void end();
bool is_prime(std::uint64_t n);

}  // namespace pari
