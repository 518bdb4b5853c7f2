#include "aio/aio.hpp"

#ifdef REFUSED
using Result = int;
#else
using Result = void;
#endif

aio::Coro<Result> cleanup();

aio::Coro<void> program() { co_await aio::try_finally(aio::sleep(0), cleanup); }
