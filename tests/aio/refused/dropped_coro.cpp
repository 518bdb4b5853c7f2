#include "aio/aio.hpp"

aio::Coro<void> program();

void call() {
#ifdef REFUSED
  program();
#else
  aio::run(program());
#endif
}
