#include "primes/batch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "primes/integer.hpp"
#include "primes/is_prime.hpp"
#include "primes/oracle.hpp"
#include "primes/small_factor.hpp"
#include "primes/word_tests.hpp"

using primes::Method;
using primes::Verdict;
using primes::detail::BatchPath;
using primes::detail::WordModulus;

namespace {

using Numbers = std::vector<std::uint64_t>;

// Unoptimised, and with sanitizers, the same with a tenth of the numbers.
#ifdef __OPTIMIZE__
constexpr std::uint64_t amount = 10;
#else
constexpr std::uint64_t amount = 1;
#endif

// The paths that this machine has; says which it lacks.
std::vector<const BatchPath*> paths() {
  std::vector<const BatchPath*> available;
  for (const BatchPath* path : primes::detail::batch_paths()) {
    if (path->available()) {
      available.push_back(path);
    } else {
      MESSAGE("this processor cannot take the path ", path->name);
    }
  }
  return available;
}

// Every path gives every number the verdict that it gets alone.
void compare(const Numbers& numbers) {
  std::vector<Verdict> expected(numbers.size());
  std::transform(numbers.begin(), numbers.end(), expected.begin(),
                 [](std::uint64_t n) { return primes::examine(n); });
  for (const BatchPath* path : paths()) {
    CAPTURE(path->name);
    std::vector<Verdict> verdicts(numbers.size(), {true, primes::Certainty::probable, {}});
    primes::detail::examine(*path, numbers, verdicts);
    const auto answers = std::make_unique<bool[]>(numbers.size());
    std::fill_n(answers.get(), numbers.size(), true);
    primes::detail::is_prime(*path, numbers, std::span(answers.get(), numbers.size()));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (verdicts[i] == expected[i] && answers[i] == expected[i].prime) continue;
      CAPTURE(i);
      CAPTURE(numbers[i]);
      REQUIRE(verdicts[i] == expected[i]);
      REQUIRE(answers[i] == expected[i].prime);
    }
  }
}

// Every path's test passes the same numbers as the test of one number.
template <class Passes>
void compare_test(const std::array<primes::detail::GroupTest, 2> BatchPath::*tests,
                  const Numbers& numbers, Passes passes) {
  for (const BatchPath* path : paths()) {
    CAPTURE(path->name);
    for (const std::uint64_t n : numbers) {
      const auto width =
          n < primes::detail::narrow_end ? primes::detail::narrow : primes::detail::wide;
      CAPTURE(n);
      const std::array pair{n, n};  // one alone may be given to the test of one number
      REQUIRE((path->*tests)[width].run(pair.data(), 2) == (passes(WordModulus(n)) ? 3U : 0U));
    }
  }
}

Numbers random_numbers(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  Numbers numbers(count);
  for (std::uint64_t& n : numbers) n = random() >> random() % 64;
  return numbers;
}

// Products of the primes k + step and mk + 1; those below 2^64 are kept.
Numbers products(std::int64_t step, std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  Numbers numbers;
  while (numbers.size() < count) {
    const std::uint64_t k = random() >> (33 + random() % 12) & ~std::uint64_t{1};
    const std::uint64_t m = 2 + random() % 5;
    const std::uint64_t p = k + static_cast<std::uint64_t>(step);
    const std::uint64_t q = m * k + 1;
    if (k < 1000 || p > UINT64_MAX / q) continue;
    if (primes::is_prime(p) && primes::is_prime(q)) numbers.push_back(p * q);
  }
  return numbers;
}

}  // namespace

TEST_SUITE_BEGIN("batch");

TEST_CASE("numbers of all sizes get the verdict that each gets alone") {
  compare(random_numbers(100'000 * amount, 1));
}

TEST_CASE("long odd numbers get the verdict that each gets alone") {
  std::mt19937_64 random(2);
  Numbers numbers(50'000 * amount);
  for (std::uint64_t& n : numbers) n = random() | std::uint64_t{1} << 63 | 1;
  compare(numbers);
}

TEST_CASE("numbers around each power of two get the verdict that each gets alone") {
  const std::uint64_t half = 500 * amount;
  for (int power = 11; power < 64; ++power) {
    Numbers numbers;
    const std::uint64_t middle = std::uint64_t{1} << power;
    for (std::uint64_t n = middle - std::min(middle, half); n < middle + half; ++n) {
      numbers.push_back(n);
    }
    compare(numbers);
  }
}

TEST_CASE("numbers at both ends of the range get the verdict that each gets alone") {
  Numbers numbers;
  for (std::uint64_t n = 0; n < 20'000 * amount; ++n) {
    numbers.push_back(n);
    numbers.push_back(UINT64_MAX - n);
  }
  compare(numbers);
}

TEST_CASE("a batch of any length is filled, and not one answer more") {
  const Numbers numbers = random_numbers(700, 3);
  for (std::size_t count = 0; count < numbers.size(); ++count) {
    const std::span part = std::span(numbers).last(count);
    for (const BatchPath* path : paths()) {
      CAPTURE(path->name);
      CAPTURE(count);
      const Verdict untouched{true, primes::Certainty::probable, Method::miller_rabin};
      std::vector<Verdict> verdicts(count + 16, untouched);
      primes::detail::examine(*path, part, std::span(verdicts).first(count));
      for (std::size_t i = 0; i < verdicts.size(); ++i) {
        if (verdicts[i] == (i < count ? primes::examine(part[i]) : untouched)) continue;
        FAIL("wrong at ", i);
      }
    }
  }
}

TEST_CASE("primes alone, of each length, all pass") {
  std::mt19937_64 random(4);
  for (int bits = 20; bits <= 64; ++bits) {
    Numbers numbers;
    while (numbers.size() < 40 * amount) {
      const std::uint64_t n = random() >> (64 - bits) | std::uint64_t{1} << (bits - 1) | 1;
      if (oracle::is_prime(n)) numbers.push_back(n);
    }
    compare(numbers);
  }
}

TEST_CASE("composites that are made to be taken for primes get the verdict that each gets alone") {
  Numbers numbers{
#include "primes/euler_pseudoprimes.inc"
  };
  for (const std::uint64_t wieferich : {1093U, 3511U, 1093U * 3511U}) {
    numbers.push_back(wieferich * wieferich);
  }
  const Numbers fermat = products(1, 4000 * amount, 5);
  const Numbers lucas = products(-1, 4000 * amount, 6);
  numbers.insert(numbers.end(), fermat.begin(), fermat.end());
  numbers.insert(numbers.end(), lucas.begin(), lucas.end());
  std::mt19937_64 random(7);
  for (std::uint64_t i = 0; i < 2000 * amount;) {
    const std::uint64_t p = random() >> (32 + random() % 20) | 1;
    if (!primes::is_prime(p)) continue;
    numbers.push_back(p * p);
    ++i;
  }
  compare(numbers);
}

TEST_CASE("every verified number that fits a word gets its verdict in a batch") {
  std::ifstream file(PRIMES_TEST_DATA "/prime-vectors.json");
  REQUIRE(file.is_open());
  Numbers numbers;
  std::vector<bool> expected;
  for (const auto& entry : nlohmann::json::parse(file)) {
    const auto n = primes::Integer::parse(entry.at("n").get<std::string>())->to_uint64();
    if (!n) continue;
    numbers.push_back(*n);
    expected.push_back(entry.at("prime").get<bool>());
  }
  REQUIRE(numbers.size() > 50);
  for (const BatchPath* path : paths()) {
    CAPTURE(path->name);
    const auto answers = std::make_unique<bool[]>(numbers.size());
    primes::detail::is_prime(*path, numbers, std::span(answers.get(), numbers.size()));
    CHECK(std::equal(expected.begin(), expected.end(), answers.get()));
  }
}

// A verdict needs both tests; here each is seen to be the one that it is said to be, where one of
// them is mistaken.
TEST_CASE("each path's tests pass the same composites as those of one number") {
  Numbers numbers = products(1, 300 * amount, 8);
  const Numbers lucas = products(-1, 300 * amount, 9);
  numbers.insert(numbers.end(), lucas.begin(), lucas.end());
  std::erase_if(numbers, [](std::uint64_t n) {
    return n < (std::uint64_t{1} << 32) || primes::detail::has_small_factor(n);
  });
  const auto strong = [](const WordModulus& n) { return primes::detail::passes_strong_base_2(n); };
  const auto extra = [](const WordModulus& n) {
    return primes::detail::passes_extra_strong_lucas(n);
  };
  const auto passes = [](auto test) {
    return [test](std::uint64_t n) { return test(WordModulus(n)); };
  };
  CHECK(std::count_if(numbers.begin(), numbers.end(), passes(strong)) > 10);
  CHECK(std::count_if(numbers.begin(), numbers.end(), passes(extra)) > 10);
  compare_test(&BatchPath::strong_base_2, numbers, strong);
  compare_test(&BatchPath::extra_strong_lucas, numbers, extra);
}

TEST_CASE("batches of threads at the same time do not meet") {
  const Numbers numbers = random_numbers(2000 * amount, 10);
  std::vector<Verdict> expected(numbers.size());
  std::transform(numbers.begin(), numbers.end(), expected.begin(),
                 [](std::uint64_t n) { return primes::examine(n); });
  std::array<std::vector<Verdict>, 4> verdicts;
  std::vector<std::thread> threads;
  for (std::vector<Verdict>& mine : verdicts) {
    mine.resize(numbers.size());
    threads.emplace_back([&] { primes::examine(numbers, mine); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<Verdict>& one : verdicts) CHECK((one == expected));
}

TEST_SUITE_END();
