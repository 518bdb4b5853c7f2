#include "aio/aio.hpp"

#ifdef REFUSED
aio::Coro<int> answer();
#else
int answer();
#endif

void call(aio::EventLoop& loop) { static_cast<void>(loop.run_in_executor(nullptr, answer)); }
