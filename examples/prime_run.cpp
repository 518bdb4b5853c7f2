// The same three checks once more, under `aio::run`: it makes the loop, runs the program on it,
// ends what is left, and closes the loop.

#include <algorithm>
#include <cstdint>

#include "aio/aio.hpp"
#include "print.hpp"
#include "trial_division.hpp"

aio::Coro<bool> is_prime(std::uint64_t n) {
  if (n < 2) co_return false;
  if (n == 2) co_return true;
  if (n % 2 == 0) co_return false;
  const std::uint64_t root = floor_sqrt(n);
  for (std::uint64_t first = 3; first <= root; first += 100'000) {
    if (first > 3) co_await aio::sleep(0);
    if (has_odd_divisor(n, first, std::min(root, first + 99'998))) co_return false;
  }
  co_return true;
}

aio::Coro<void> check(std::uint64_t n) {
  print_processing(n);
  print_verdict(n, co_await is_prime(n));
}

aio::Coro<void> program() {
  const auto large = aio::create_task(check(9'637'529'763'296'797));
  const auto medium = aio::create_task(check(427'920'331));
  const auto small = aio::create_task(check(157));
  co_await large;
  co_await medium;
  co_await small;
}

int main() {
  try {
    aio::run(program());
  } catch (const aio::Interrupted&) {
    return aio::Interrupted::exit_code;
  }
  print_took();
}
