// The same three checks once more, under `aio::run`: it makes the loop, runs the program on it,
// ends what is left, and closes the loop.

#include <cstdint>

#include "aio/aio.hpp"
#include "print.hpp"

aio::Coro<bool> is_prime(std::uint64_t n) {
  if (n < 2) co_return false;
  if (n == 2) co_return true;
  if (n % 2 == 0) co_return false;
  for (std::uint64_t i = 3; i <= n / i; i += 2) {
    if (n % i == 0) co_return false;
    if (i % 100'000 == 1) co_await aio::sleep(0);
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
