#include <utility>

#include "aio/aio.hpp"

aio::Coro<void> program(aio::Coro<int> coro) {
#ifdef REFUSED
  co_await aio::race(coro, aio::sleep(0));
#else
  co_await aio::race(std::move(coro), aio::sleep(0));
#endif
}
