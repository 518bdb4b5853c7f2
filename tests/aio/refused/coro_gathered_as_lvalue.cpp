#include <utility>

#include "aio/aio.hpp"

aio::Coro<void> program(aio::Coro<int> coro) {
#ifdef REFUSED
  co_await aio::gather(coro);
#else
  co_await aio::gather(std::move(coro));
#endif
}
