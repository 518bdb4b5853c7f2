#include "aio/testing.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace aio::testing {

namespace {

constexpr const char* seed_variable = "AIO_SEED";

std::uint64_t parse_seed(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) {
    throw ValueError(std::string(seed_variable) + " is not a number: " + text);
  }
  return number;
}

}  // namespace

Seed seed() {
  if (const char* const text = std::getenv(seed_variable)) return Seed(parse_seed(text));
  return Seed(std::random_device{}());
}

void detail::report_seed(Seed seed) noexcept {
  const auto number = static_cast<unsigned long long>(seed.number());
  std::fprintf(stderr, "aio: failed with seed %llu; %s=%llu repeats it\n", number, seed_variable,
               number);
}

}  // namespace aio::testing
