#include "aio/aio.hpp"

#ifdef REFUSED
using Result = int;
#else
using Result = void;
#endif

aio::Coro<Result> body(aio::TaskGroup&);

aio::Coro<void> program() { co_await aio::with(aio::TaskGroup(), body); }
