#pragma once

#include <gmp.h>

#include <cstdint>
#include <type_traits>

// GMP's limbs are handed to and from Integer without conversion, and the arithmetic counts on their
// size. A GMP built with nails, or with another limb type, is refused here.
static_assert(GMP_NUMB_BITS == 64);
static_assert(std::is_same_v<mp_limb_t, std::uint64_t>);

namespace primes::detail {

using Limb = mp_limb_t;

}  // namespace primes::detail
