#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "primes/verdict.hpp"

namespace primes::detail {

/// How many numbers are divided before the tests go on.
inline constexpr std::size_t chunk_size = 256;

/// The most numbers that a test takes at once.
inline constexpr std::size_t group_limit = 64;

/// Numbers that wait for a test, each with its place in the batch. It has room for a chunk beyond
/// what is short of a group, and a vector may write past the last.
struct Pending {
  std::size_t count = 0;
  alignas(64) std::array<std::uint64_t, chunk_size + group_limit + 8> numbers;
  alignas(64) std::array<std::uint64_t, chunk_size + group_limit + 8> places;

  void push(std::uint64_t number, std::uint64_t place) {
    numbers[count] = number;
    places[count++] = place;
  }
};

/// Below `narrow_end` the arithmetic may be cheaper.
inline constexpr std::uint64_t narrow_end = std::uint64_t{1} << 50;
enum Width : std::size_t { narrow, wide };

/// What division makes of a chunk.
struct Divided {
  std::array<Method, chunk_size> methods;  // what decides each number
  Pending small;                           // below 2^20: to be looked up
  std::array<Pending, 2> left;             // without a small factor, by width
};

/// A test of many numbers side by side: bit i of the answer is set when numbers[i] passes. Each is
/// odd and has no prime factor below 150.
struct GroupTest {
  std::uint64_t (*run)(const std::uint64_t* numbers, std::size_t count) noexcept;
  std::size_t size;  // as many at once are best, and no more are allowed
};

/// One way to work through a batch. They differ in speed only.
struct BatchPath {
  const char* name;
  /// Whether this processor, and the system that runs it, can take it.
  bool (*available)() noexcept;
  /// Divides count numbers, at most a chunk, of which the first is the batch's `first`-th.
  void (*divide)(const std::uint64_t* numbers, std::size_t count, std::uint64_t first,
                 Divided& divided) noexcept;
  std::array<GroupTest, 2> strong_base_2;  // by width
  std::array<GroupTest, 2> extra_strong_lucas;
};

/// The fastest first; the last is always available.
std::span<const BatchPath* const> batch_paths() noexcept;

/// The first that is available.
const BatchPath& best_batch_path() noexcept;

/// What the functions of is_prime.hpp do, on a path of one's choice.
void is_prime(const BatchPath& path, std::span<const std::uint64_t> numbers,
              std::span<bool> primes) noexcept;
void examine(const BatchPath& path, std::span<const std::uint64_t> numbers,
             std::span<Verdict> verdicts) noexcept;

extern const BatchPath scalar_path;
extern const BatchPath ifma_path;

}  // namespace primes::detail
