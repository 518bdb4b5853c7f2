#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "measure.hpp"
#include "primes/is_prime.hpp"
#include "splitmix.hpp"

/// The numbers that every contender is given, and what they have to say of them.
namespace bench {

struct Numbers {
  std::string_view figure;
  std::vector<std::uint64_t> numbers;
  std::unique_ptr<bool[]> primes;  // our answers
};

inline std::vector<Numbers> all_numbers(std::size_t count) {
  std::vector<Numbers> sets(3);
  sets[0].figure = "random_odd_64";
  sets[1].figure = "primes_64";
  sets[2].figure = "random_odd_32";
  SplitMix64 random(2026);
  for (std::size_t i = 0; i < count; ++i) {
    sets[0].numbers.push_back(random() | 1);
    std::uint64_t prime = random() | 1;
    while (!primes::is_prime(prime)) prime = random() | 1;
    sets[1].numbers.push_back(prime);
    sets[2].numbers.push_back(random() >> 32 | 1);
  }
  for (Numbers& set : sets) {
    set.primes = std::make_unique<bool[]>(count);
    primes::is_prime(set.numbers, std::span(set.primes.get(), count));
  }
  return sets;
}

/// Has check(numbers, answers) answer all of them, the best of three times, and compares.
template <class Check>
void measure(std::string_view contender, const Numbers& set, Check check) {
  const std::size_t count = set.numbers.size();
  const auto answers = std::make_unique<bool[]>(count);
  std::int64_t best_ns = INT64_MAX;
  for (int i = 0; i < 3; ++i) {
    const std::int64_t begun_ns = cpu_ns();
    check(set.numbers, std::span(answers.get(), count));
    best_ns = std::min(best_ns, cpu_ns() - begun_ns);
  }
  if (!std::equal(answers.get(), answers.get() + count, set.primes.get())) {
    std::fprintf(stderr, "%s: the answers differ from those of primes\n", contender.data());
    std::exit(1);
  }
  print(contender, set.figure, static_cast<double>(best_ns) / static_cast<double>(count));
}

/// The whole of a program that takes the numbers one by one.
template <class IsPrime>
void measure_one_by_one(std::string_view contender, bool smoke, IsPrime is_prime) {
  for (const Numbers& set : all_numbers(smoke ? 100 : 1 << 16)) {
    measure(contender, set, [&](std::span<const std::uint64_t> numbers, std::span<bool> answers) {
      for (std::size_t i = 0; i < numbers.size(); ++i) answers[i] = is_prime(numbers[i]);
    });
  }
}

}  // namespace bench
