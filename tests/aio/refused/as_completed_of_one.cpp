#include <vector>

#include "aio/aio.hpp"

aio::Coro<void> program(aio::Task<int> task) {
#ifdef REFUSED
  auto finished = aio::as_completed(task);
#else
  auto finished = aio::as_completed(std::vector{task});
#endif
  co_await finished.next();
}
