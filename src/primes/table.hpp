#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace primes::detail {

/// The primes below `table_end`, as a bitmap of the odd numbers: bit i stands for 2i + 1. It takes
/// 64 KiB of the program, and an answer costs one look-up. The compiler builds it, so that nobody
/// waits for it, which at first use would be about 1 ms.
inline constexpr std::uint64_t table_end = std::uint64_t{1} << 20;
using Table = std::array<std::uint64_t, table_end / 128>;
extern const Table table;

inline bool table_is_prime(std::uint64_t n) noexcept {
  if (n % 2 == 0) return n == 2;
  return (table[n / 128] >> (n / 2 % 64) & 1) != 0;
}

/// Walks the odd primes below `table_end` in order: 3, 5, 7, …
class TableWalk {
 public:
  /// The next prime; 0 when there is none left.
  std::uint64_t next() noexcept {
    while (bits_ == 0) {
      if (word_ + 1 == table.size()) return 0;
      bits_ = table[++word_];
    }
    const auto bit = static_cast<std::uint64_t>(std::countr_zero(bits_));
    bits_ &= bits_ - 1;
    return 2 * (64 * word_ + bit) + 1;
  }

 private:
  std::size_t word_ = 0;
  std::uint64_t bits_ = table[0];
};

}  // namespace primes::detail
