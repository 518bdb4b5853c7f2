#include "aio/aio.hpp"

aio::Coro<void> program() {
#ifdef REFUSED
  co_await aio::sleep(1);
#else
  co_await aio::sleep(0);
#endif
}
