#include "aio/aio.hpp"

aio::Coro<void> program();

void call(aio::EventLoop& loop) {
#ifdef REFUSED
  loop.call_soon(program);
#else
  loop.call_soon([&loop] { static_cast<void>(loop.create_task(program)); });
#endif
}
