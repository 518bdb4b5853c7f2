#include <cstdint>
#include <cstdio>
#include <span>
#include <string_view>

#include "numbers.hpp"
#include "primes/batch.hpp"
#include "primes/is_prime.hpp"

namespace {

// The numbers with our answers, 0 or 1, for contenders that are scripts.
void list(std::string_view figure) {
  constexpr std::size_t count = 1 << 13;
  for (const bench::Numbers& set : bench::all_numbers(count)) {
    if (set.figure != figure) continue;
    for (std::size_t i = 0; i < count; ++i) {
      std::printf("%llu %d\n", static_cast<unsigned long long>(set.numbers[i]),
                  set.primes[i] ? 1 : 0);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--list") {
    list(argv[2]);
    return 0;
  }
  const bool smoke = bench::is_smoke(argc, argv);
  for (const bench::Numbers& set : bench::all_numbers(smoke ? 100 : 1 << 16)) {
    bench::measure("primes-batch", set,
                   [](std::span<const std::uint64_t> numbers, std::span<bool> answers) {
                     primes::is_prime(numbers, answers);
                   });
    bench::measure("primes-batch-scalar", set,
                   [](std::span<const std::uint64_t> numbers, std::span<bool> answers) {
                     primes::detail::is_prime(primes::detail::scalar_path, numbers, answers);
                   });
  }
  bench::measure_one_by_one("primes", smoke, [](std::uint64_t n) { return primes::is_prime(n); });
}
