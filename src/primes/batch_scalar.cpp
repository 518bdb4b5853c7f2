#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "primes/batch.hpp"
#include "primes/small_factor.hpp"
#include "primes/table.hpp"
#include "primes/word_modulus.hpp"
#include "primes/word_tests.hpp"

namespace primes::detail {
namespace {

bool available() noexcept { return true; }

void divide(const std::uint64_t* numbers, std::size_t count, std::uint64_t first,
            Sorted& sorted) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t n = numbers[i];
    if (n < table_end) {
      sorted.methods[i] = n < 2 ? Method::definition : Method::table;
      if (n >= 2) sorted.small.push(n, first + i);
      continue;
    }
    sorted.methods[i] = Method::trial_division;
    if (!has_small_factor(n)) sorted.left[wide].push(n, first + i);
  }
}

// The test of strong_base_2.cpp for several numbers in step: while one waits for its product, the
// others go on. All have the same number of leading bits, so that those that are shorter start with
// zeros.
template <std::size_t size>
std::uint64_t pass_strong_base_2(const std::uint64_t* numbers) {
  std::uint64_t passing = 0;
  for (std::size_t i = 0; i < size; ++i)
    passing |= std::uint64_t{passes_strong_base_2(WordModulus(numbers[i]))} << i;
  return passing;
}

template <std::size_t size>
std::uint64_t pass_extra_strong_lucas(const std::uint64_t* numbers) {
  std::uint64_t passing = 0;
  for (std::size_t i = 0; i < size; ++i)
    passing |= std::uint64_t{passes_extra_strong_lucas(WordModulus(numbers[i]))} << i;
  return passing;
}

template <std::uint64_t (*test)(const std::uint64_t*), std::size_t size>
std::uint64_t filled_up(const std::uint64_t* numbers, std::size_t count) noexcept {
  if (count == size) return test(numbers);
  std::array<std::uint64_t, size> filled;
  std::fill(std::copy_n(numbers, count, filled.begin()), filled.end(), numbers[0]);
  return test(filled.data()) & ((std::uint64_t{1} << count) - 1);
}

constexpr GroupTest strong{filled_up<pass_strong_base_2<4>, 4>, 4};
constexpr GroupTest lucas{filled_up<pass_extra_strong_lucas<2>, 2>, 2};

}  // namespace

const BatchPath scalar_path{"scalar", available, divide, {strong, strong}, {lucas, lucas}};

}  // namespace primes::detail
