#include <string>
#include <utility>

#include "aio/aio.hpp"

aio::Coro<void> program(std::string text) {
  auto body = [text](aio::TaskGroup&) -> aio::Coro<void> { co_return; };
#ifdef REFUSED
  co_await aio::with(aio::TaskGroup(), std::move(body));
#else
  co_await aio::with(aio::TaskGroup(), body);
#endif
}
