#include <string>
#include <utility>

#include "aio/aio.hpp"

aio::Coro<void> program(std::string text) {
  auto cleanup = [text]() -> aio::Coro<void> { co_return; };
#ifdef REFUSED
  co_await aio::try_finally(aio::sleep(0), std::move(cleanup));
#else
  co_await aio::try_finally(aio::sleep(0), cleanup);
#endif
}
