#include "aio/aio.hpp"

aio::Coro<void> program();

aio::Coro<void> wait() {
  auto coro = program();
#ifdef REFUSED
  co_await coro;
#else
  co_await std::move(coro);
#endif
}
