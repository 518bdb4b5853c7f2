#include "aio/aio.hpp"

int twice(int n);

#ifdef REFUSED
constexpr auto function = twice;
#else
const auto function = aio::process_function<&twice>("twice");
#endif

void call(aio::EventLoop& loop, const aio::ProcessPoolExecutor& pool) {
  static_cast<void>(loop.run_in_executor(pool, function, 4));
}
