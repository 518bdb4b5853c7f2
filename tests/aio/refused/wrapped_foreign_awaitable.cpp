#include <coroutine>

#include "aio/aio.hpp"

struct Wrapped {
  std::suspend_always operator co_await() const { return {}; }
};

aio::Coro<void> wait_for_ever() {
#ifdef REFUSED
  co_await Wrapped();
#else
  co_await aio::sleep(0);
#endif
}
