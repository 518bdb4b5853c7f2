// The same three checks as tasks that let each other run now and then.
// The small ones no longer wait for the large one; the whole takes longer, by what the turns cost.

#include <cstdint>
#include <vector>

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
