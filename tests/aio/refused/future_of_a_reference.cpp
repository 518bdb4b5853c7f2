#include <functional>

#include "aio/aio.hpp"

#ifdef REFUSED
using Result = int&;
#else
using Result = std::reference_wrapper<int>;
#endif

void make(aio::EventLoop& loop) { static_cast<void>(loop.create_future<Result>()); }
