#pragma once

#include <memory>
#include <utility>

namespace aio {

namespace detail::pool {
class Reservation;
}

/// Threads of libuv's pool that are set aside for one of its users. A handle: the threads are given
/// back when the last copy goes, and the last executor that was made of one.
class PoolThreads {
 public:
  PoolThreads(const PoolThreads&) = default;
  PoolThreads& operator=(const PoolThreads&) = default;
  ~PoolThreads() = default;

  unsigned count() const noexcept;

  /// The shared state, for executors.
  const std::shared_ptr<detail::pool::Reservation>& reservation() const { return reservation_; }

 private:
  friend PoolThreads reserve_pool_threads(unsigned count);
  explicit PoolThreads(std::shared_ptr<detail::pool::Reservation> reservation)
      : reservation_(std::move(reservation)) {}

  std::shared_ptr<detail::pool::Reservation> reservation_;
};

/// Sets `count` threads of libuv's pool aside: for an executor, or for other work that somebody
/// sends to the pool himself.
///
/// The pool is one for the whole process, and its size is fixed when it is first used. So each of
/// its users says before that how many threads it needs, and the pool becomes as large as the sum
/// of all that is reserved then, and one more for what libuv itself does there (files, DNS). Once
/// this was called, the pool has no more than that: an executor that is made later finds none left,
/// the loops' default executor too. Where UV_THREADPOOL_SIZE is set, that is the size.
///
/// Throws ValueError for a count outside 1 to 1023; RuntimeError if so many are not left, as when
/// the pool has started, which cannot grow any more. Any thread may call.
PoolThreads reserve_pool_threads(unsigned count);

}  // namespace aio
