#include <pari/pari.h>

#include "pari.hpp"

namespace pari {

void begin() { pari_init(std::size_t{1} << 23, 2); }
void end() { pari_close(); }
bool is_prime(std::uint64_t n) { return uisprime(n) != 0; }

}  // namespace pari
