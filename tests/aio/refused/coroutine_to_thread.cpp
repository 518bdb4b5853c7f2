#include "aio/aio.hpp"

#ifdef REFUSED
aio::Coro<int> answer();
#else
int answer();
#endif

aio::Coro<int> program() { co_return co_await aio::to_thread(answer); }
