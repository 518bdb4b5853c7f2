#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "primes/batch.hpp"
#include "primes/small_factor.hpp"
#include "primes/table.hpp"
#include "primes/word_modulus.hpp"
#include "primes/word_tests.hpp"

namespace primes::detail {
namespace {

bool available() noexcept { return true; }

// Two numbers in three have a factor below 18. Those are left out, without a branch that nobody can
// foresee, before the others go on.
void divide(const std::uint64_t* numbers, std::size_t count, std::uint64_t first,
            Divided& divided) noexcept {
  std::array<std::uint16_t, chunk_size + 1> left;
  std::size_t left_count = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t n = numbers[i];
    if (n < table_end) {
      divided.methods[i] = n < 2 ? Method::definition : Method::table;
      if (n >= 2) divided.small.push(n, first + i);
      continue;
    }
    divided.methods[i] = Method::trial_division;
    left[left_count] = static_cast<std::uint16_t>(i);
    left_count += n % 2 != 0 && !divides_any<0, first_divisors>(n) ? 1U : 0U;
  }
  Pending& pending = divided.left[wide];
  for (std::size_t j = 0; j < left_count; ++j) {
    const std::uint64_t n = numbers[left[j]];
    pending.numbers[pending.count] = n;
    pending.places[pending.count] = first + left[j];
    pending.count += divides_any<first_divisors, small_divisors.size()>(n) ? 0U : 1U;
  }
}

// The tests of strong_base_2.cpp and extra_strong_lucas.cpp for several numbers in step: while one
// waits for its product, the others go on. All exponents are read from the same top bit down; one
// that is shorter starts with zeros, which change nothing.
template <std::size_t size>
struct Group {
  // `offset` leads from a number to its exponent.
  template <std::size_t... i>
  Group(const std::uint64_t* numbers, std::int64_t offset, std::index_sequence<i...>)
      : moduli{WordModulus(numbers[i])...},
        exponents{numbers[i] + static_cast<std::uint64_t>(offset)...} {}

  int width() const {
    std::uint64_t all = 0;
    for (const std::uint64_t exponent : exponents) all |= exponent;
    return static_cast<int>(std::bit_width(all));
  }

  int most_zeros() const {
    int most = 0;
    for (const std::uint64_t exponent : exponents)
      most = std::max(most, std::countr_zero(exponent));
    return most;
  }

  std::uint64_t bit(std::size_t i, int place) const { return exponents[i] >> place & 1; }

  /// Whether there are only zeros below `place`.
  bool ended(std::size_t i, int place) const {
    return (exponents[i] & ((std::uint64_t{1} << place) - 1)) == 0;
  }

  std::array<WordModulus, size> moduli;
  std::array<std::uint64_t, size> exponents;  // even: n − 1 or n + 1
};

template <std::size_t size>
std::uint64_t pass_strong_base_2(const std::uint64_t* numbers) {
  const Group<size> group(numbers, -1, std::make_index_sequence<size>());
  std::array<std::uint64_t, size> x;
  int place = std::max(group.width() - 6, 1);
  for (std::size_t i = 0; i < size; ++i) {
    x[i] = group.moduli[i].form(std::uint64_t{1} << (group.exponents[i] >> place));
  }
  const int most_zeros = group.most_zeros();
  std::uint64_t passing = 0;
  while (--place > most_zeros) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < size; ++i) {
      x[i] = group.moduli[i].square(x[i]);
      x[i] = group.moduli[i].add(x[i], x[i] & (0 - group.bit(i, place)));
    }
  }
  for (; place > 0; --place) {
    for (std::size_t i = 0; i < size; ++i) {
      const WordModulus& modulus = group.moduli[i];
      x[i] = modulus.square(x[i]);
      x[i] = modulus.add(x[i], x[i] & (0 - group.bit(i, place)));
      const bool one_at_d = x[i] == modulus.one() && group.bit(i, place) != 0;
      const bool passes = group.ended(i, place) && (one_at_d || x[i] == modulus.minus_one());
      passing |= std::uint64_t{passes} << i;
    }
  }
  return passing;
}

template <std::size_t size>
std::uint64_t pass_extra_strong_lucas(const std::uint64_t* numbers) {
  const Group<size> group(numbers, 1, std::make_index_sequence<size>());
  std::array<std::uint64_t, size> p;
  std::array<std::uint64_t, size> two;
  std::array<std::uint64_t, size> low;
  std::array<std::uint64_t, size> high;
  std::uint64_t possible = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const WordModulus& modulus = group.moduli[i];
    const std::uint64_t small_p = choose_p(numbers[i]);
    possible |= std::uint64_t{small_p != 0} << i;
    low[i] = two[i] = modulus.add(modulus.one(), modulus.one());
    high[i] = p[i] = modulus.form(small_p);
  }
  const int most_zeros = group.most_zeros();
  std::uint64_t passing = 0;
  for (int place = group.width() - 1; place > 0; --place) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < size; ++i) {
      const WordModulus& modulus = group.moduli[i];
      const std::uint64_t mask = 0 - group.bit(i, place);
      const std::uint64_t squared = low[i] ^ ((low[i] ^ high[i]) & mask);
      const std::uint64_t between = modulus.subtract(modulus.multiply(low[i], high[i]), p[i]);
      const std::uint64_t doubled = modulus.subtract(modulus.square(squared), two[i]);
      const std::uint64_t difference = (between ^ doubled) & mask;
      low[i] = doubled ^ difference;
      high[i] = between ^ difference;
    }
    if (place > most_zeros) continue;
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint64_t n = numbers[i];
      const bool plus = low[i] == two[i] && high[i] == p[i];
      const bool minus = low[i] == n - two[i] && high[i] == n - p[i];
      const bool at_d = group.bit(i, place) != 0 && (plus || minus);
      // V_(d · 2^r) = 0 counts for r < s − 1 only, which is where a bit is still to come.
      const bool passes = group.ended(i, place) && (at_d || (low[i] == 0 && place > 1));
      passing |= std::uint64_t{passes} << i;
    }
  }
  return passing & possible;
}

// A group that is short is filled up with its first number. One number alone is faster by itself.
template <std::uint64_t (*test)(const std::uint64_t*), bool (*test_one)(const WordModulus&),
          std::size_t size>
std::uint64_t run_group(const std::uint64_t* numbers, std::size_t count) noexcept {
  if (count == 1) return test_one(WordModulus(numbers[0])) ? 1 : 0;
  if (count == size) return test(numbers);
  std::array<std::uint64_t, size> filled;
  std::fill(std::copy_n(numbers, count, filled.begin()), filled.end(), numbers[0]);
  return test(filled.data()) & ((std::uint64_t{1} << count) - 1);
}

constexpr GroupTest strong{run_group<pass_strong_base_2<5>, passes_strong_base_2, 5>, 5};
constexpr GroupTest lucas{run_group<pass_extra_strong_lucas<3>, passes_extra_strong_lucas, 3>, 3};

}  // namespace

const BatchPath scalar_path{"scalar", available, divide, {strong, strong}, {lucas, lucas}};

}  // namespace primes::detail
