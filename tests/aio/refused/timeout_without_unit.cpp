#include "aio/aio.hpp"

aio::Coro<void> program() {
#ifdef REFUSED
  co_await aio::wait_for(aio::sleep(0), 1);
#else
  co_await aio::wait_for(aio::sleep(0), 0);
#endif
}
