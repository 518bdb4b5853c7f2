#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "numbers.hpp"
#include "primes/check.hpp"
#include "primes/lucas_test.hpp"

namespace {

// The longest of `count` steps, in nanoseconds. All is done twice, and for each step the shorter
// time counts: what is long twice is the step itself, and no interruption.
template <class Make>
std::int64_t longest_step_ns(std::size_t count, Make make) {
  std::vector<std::int64_t> shortest_ns(count, INT64_MAX);
  for (int round = 0; round < 2; ++round) {
    auto advance = make();
    for (std::int64_t& step_ns : shortest_ns) {
      const std::int64_t begun_ns = bench::cpu_ns();
      advance();
      step_ns = std::min(step_ns, bench::cpu_ns() - begun_ns);
    }
  }
  return *std::max_element(shortest_ns.begin(), shortest_ns.end());
}

// 10^9999 + 33603, the least prime of 10 000 digits. A whole check takes ten
// seconds; measured is how it begins, up to well into the strong test, and how the Lucas test does.
double longest_step_of_10000_digits_us(bool smoke) {
  const primes::Integer n = primes::Integer::parse("1" + std::string(9994, '0') + "33603").value();
  const std::int64_t first_ns = longest_step_ns(smoke ? 20 : 2000, [&n] {
    return [check = std::optional<primes::Check>(), &n]() mutable {
      if (check) {
        check->advance();
      } else {
        check.emplace(n);
      }
    };
  });
  primes::detail::Modulus modulus(n.limbs());
  const std::int64_t lucas_ns = longest_step_ns(smoke ? 20 : 1000, [&modulus] {
    return [test = primes::detail::LucasTest(modulus)]() mutable { test.advance(); };
  });
  return static_cast<double>(std::max(first_ns, lucas_ns)) / 1000;
}

}  // namespace

int main(int argc, char** argv) {
  const bool smoke = bench::is_smoke(argc, argv);
  bench::measure_all(
      "primes", smoke,
      [](const std::string& decimal) { return primes::Integer::parse(decimal).value(); },
      [](const primes::Integer& n) { return primes::check(n).prime; });
  bench::print("primes", "digits_10000_step_max", longest_step_of_10000_digits_us(smoke));
}
