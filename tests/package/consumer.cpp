// A program of somebody who uses both libraries: what the package tests build in each way.

#include <aio/aio.hpp>
#include <aio/testing.hpp>
#include <chrono>
#include <cstdio>
#include <primes/is_prime.hpp>
#include <string>

#ifdef UV_VERSION_MAJOR
#error "a header of aio brings uv.h along"
#endif

using namespace std::chrono_literals;

aio::Coro<int> count_down(int from) {
  for (int left = from; left > 0; --left) co_await aio::sleep(1h);
  co_return from;
}

aio::Coro<std::string> main_coroutine() {
  const auto on_pool = [] { return primes::is_prime(9'637'529'763'296'797U); };
  auto prime = aio::to_thread(on_pool);
  const auto [counted, is_prime] = co_await aio::gather(count_down(24), std::move(prime));
  co_return std::to_string(counted) + (is_prime ? " prime" : " not prime");
}

int main() { std::puts(aio::testing::run(main_coroutine()).c_str()); }
