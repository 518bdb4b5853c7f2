#pragma once

#include <array>
#include <cstdint>

// What the searches for the P of the Lucas test share, the one for a number and the one for eight.
namespace primes::detail {

/// Which of the residues modulo a small prime q are no squares: bit r for r.
constexpr std::uint64_t nonresidues(std::uint64_t q) {
  std::uint64_t squares = 1;
  for (std::uint64_t r = 1; r < q; ++r) squares |= std::uint64_t{1} << r * r % q;
  return ~squares & ((std::uint64_t{1} << q) - 1);
}

/// Where (q/n) = −1 for small primes q, with a bit for each n.
struct SymbolsMinusOne {
  unsigned of_2;
  unsigned of_3;
  unsigned of_5;
  unsigned of_7;
  unsigned of_11;
  unsigned of_13;
  unsigned of_17;
};

struct SuitableP {
  unsigned where;  // (P² − 4 / n) = −1
  std::uint64_t p;
};

/// The first values of P, from the greatest down, that these primes decide: P² − 4 without its
/// square factors is 5, 3, 21, 2 for P = 3, 4, 5, 6, and so on. One number in 128 is suited by none
/// of them.
[[gnu::always_inline]] inline std::array<SuitableP, 12> suitable_ps(const SymbolsMinusOne& minus) {
  return {{{minus.of_7, 16},
           {minus.of_13 ^ minus.of_17, 15},
           {minus.of_3 ^ minus.of_5 ^ minus.of_11, 13},
           {minus.of_5 ^ minus.of_7, 12},
           {minus.of_13, 11},
           {minus.of_2 ^ minus.of_3, 10},
           {minus.of_7 ^ minus.of_11, 9},
           {minus.of_3 ^ minus.of_5, 8},
           {minus.of_2, 6},
           {minus.of_3 ^ minus.of_7, 5},
           {minus.of_3, 4},
           {minus.of_5, 3}}};
}

}  // namespace primes::detail
