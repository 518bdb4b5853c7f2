// Trial division of a prime on a loop, which gets a turn after every 50 000 candidates.

#include <algorithm>
#include <cstdlib>

#include "aio/aio.hpp"
#include "trial_division.hpp"

namespace {

aio::Coro<bool> is_prime(std::uint64_t n) {
  const std::uint64_t root = floor_sqrt(n);
  for (std::uint64_t first = 3; first <= root; first += 100'000) {
    if (first > 3) co_await aio::sleep(0);
    if (has_odd_divisor(n, first, std::min(root, first + 99'998))) co_return false;
  }
  co_return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t n = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 3;
  return aio::run(is_prime(n)) ? 0 : 1;
}
