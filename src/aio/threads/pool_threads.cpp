#include "aio/pool_threads.hpp"

#include "aio/threads/pool.hpp"

namespace aio {

unsigned PoolThreads::count() const noexcept { return reservation_->workers(); }

PoolThreads reserve_pool_threads(unsigned count) {
  detail::pool::require_count("count", count);
  return PoolThreads(detail::pool::reserve(count, detail::pool::Sizing::exact));
}

}  // namespace aio
