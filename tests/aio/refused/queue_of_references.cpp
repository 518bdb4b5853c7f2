#include <functional>

#include "aio/aio.hpp"

#ifdef REFUSED
using Item = int&;
#else
using Item = std::reference_wrapper<int>;
#endif

aio::Coro<void> program(int& number) {
  aio::Queue<Item> queue;
  co_await queue.put(std::ref(number));
}
