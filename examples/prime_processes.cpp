// The same three checks, each in a process of its own, and a loop that waits for all of them.
// Nothing has to yield: the processors work side by side, and the small ones do not wait. Whatever
// goes wrong there is an exception here.

#include <cstdint>
#include <exception>

#include "aio/aio.hpp"
#include "print.hpp"

bool is_prime(std::uint64_t n) {
  if (n < 2) return false;
  if (n == 2) return true;
  if (n % 2 == 0) return false;
  for (std::uint64_t i = 3; i <= n / i; i += 2) {
    if (n % i == 0) return false;
  }
  return true;
}

void check(std::uint64_t n) {
  print_processing(n);
  print_verdict(n, is_prime(n));
}

const auto check_there = aio::process_function<&check>("check");

aio::Coro<void> program(aio::EventLoop& loop) {
  const aio::ProcessPoolExecutor executor(3);
  co_await aio::gather(loop.run_in_executor(executor, check_there, 9'637'529'763'296'797),
                       loop.run_in_executor(executor, check_there, 427'920'331),
                       loop.run_in_executor(executor, check_there, 157));
}

int main() {
  if (aio::is_process_worker()) return aio::process_worker_main();
  aio::EventLoop loop;
  try {
    loop.run_until_complete(program(loop));
    print_took();
  } catch (const std::exception& error) {
    std::printf("There was a problem:\n%s\n", error.what());
  }
  loop.close();
}
