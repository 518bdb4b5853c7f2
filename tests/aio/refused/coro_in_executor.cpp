#include "aio/aio.hpp"

aio::Coro<void> program();
void function();

void call(aio::EventLoop& loop) {
#ifdef REFUSED
  static_cast<void>(loop.run_in_executor(nullptr, program));
#else
  static_cast<void>(loop.run_in_executor(nullptr, function));
#endif
}
