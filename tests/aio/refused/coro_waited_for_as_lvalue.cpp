#include <chrono>
#include <utility>

#include "aio/aio.hpp"

aio::Coro<void> program(aio::Coro<int> coro) {
#ifdef REFUSED
  co_await aio::wait_for(coro, std::chrono::seconds(1));
#else
  co_await aio::wait_for(std::move(coro), std::chrono::seconds(1));
#endif
}
