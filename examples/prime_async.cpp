// The same three checks as tasks that let each other run now and then.
// The small ones no longer wait for the large one. A turn of the loop after every 50 000 candidates
// is all that it costs, if the candidates between are left to a plain loop: to ask at each whether
// it is time would double the instructions.

#include <algorithm>
#include <cstdint>
#include <vector>

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

int main() {
  aio::EventLoop loop;
  const std::vector tasks{
      loop.create_task(check(9'637'529'763'296'797)),
      loop.create_task(check(427'920'331)),
      loop.create_task(check(157)),
  };
  loop.run_until_complete(aio::wait(tasks));
  print_took();
}
