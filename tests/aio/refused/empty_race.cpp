#include "aio/aio.hpp"

aio::Coro<void> program() {
#ifdef REFUSED
  co_await aio::race();
#else
  co_await aio::race(aio::sleep(0));
#endif
}
