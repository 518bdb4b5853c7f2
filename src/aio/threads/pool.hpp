#pragma once

#include <uv.h>

#include <memory>

namespace aio::detail {

/// The account of libuv's thread pool, which is one for the process: the number of threads that it
/// has or will have, and of those that are reserved. Any thread may call.
namespace pool {

/// A number of threads for the workers of an executor, given back when the last owner goes.
class Reservation {
 public:
  explicit Reservation(unsigned workers) : workers_(workers) {}
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation();

  unsigned workers() const { return workers_; }

 private:
  unsigned workers_;
};

/// Whether the pool is to have room for executors that are made after its first use.
enum class Sizing { with_room, exact };

/// Reserves `workers` threads. Throws RuntimeError if so many are not left. Once anything was
/// reserved with `exact`, the pool becomes no larger than all that is reserved at its first use.
std::shared_ptr<Reservation> reserve(unsigned workers, Sizing sizing = Sizing::with_room);

/// Throws ValueError, which names `name`, for a count outside 1 to 1023.
void require_count(const char* name, unsigned count);

/// The threads that the default executors of all loops share: min(32, CPUs + 4), as in CPython, or
/// as many as were left when the first of them was made. Throws RuntimeError if none was.
std::shared_ptr<Reservation> share_default();

/// Fixes the pool's size. To be called before work is first queued.
void start();

/// Has a thread of the pool call `on_pool`, and then `loop` call `after`; both with `request`.
void queue_work(uv_loop_t* loop, uv_work_t& request, uv_work_cb on_pool, uv_after_work_cb after);

/// From now on every thread of the pool steps back behind the loops' when it takes up work.
void run_in_background() noexcept;

/// On a thread of the pool, before it works: has it step back if that is wanted.
void settle_this_thread() noexcept;

}  // namespace pool
}  // namespace aio::detail
