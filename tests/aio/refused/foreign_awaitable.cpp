#include <coroutine>

#include "aio/aio.hpp"

aio::Coro<void> wait_for_ever() {
#ifdef REFUSED
  co_await std::suspend_always();
#else
  co_await aio::sleep(0);
#endif
}
