#include "aio/threads/pool.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>

#include "aio/error.hpp"
#include "aio/threads/background_thread.hpp"

namespace aio::detail::pool {

namespace {

constexpr const char* size_variable = "UV_THREADPOOL_SIZE";
constexpr unsigned size_max = 1024;  // libuv's own bound

struct Pool {
  std::mutex mutex;
  unsigned reserved = 0;
  unsigned size = 0;  // 0 until it is fixed
  Sizing sizing = Sizing::with_room;
  std::weak_ptr<Reservation> default_share;
};

std::atomic<bool> in_background = false;

unsigned default_workers() { return std::min(32U, std::thread::hardware_concurrency() + 4); }

Pool& instance() {
  static Pool pool;
  return pool;
}

/// The size that the environment asks for, as libuv reads it; 0 if it does not.
unsigned size_from_environment() {
  const char* const text = std::getenv(size_variable);
  if (!text) return 0;
  const long size = std::strtol(text, nullptr, 10);
  return static_cast<unsigned>(std::clamp(size, 1L, static_cast<long>(size_max)));
}

/// Threads that executors may still have: all but the one that is left for libuv's own work.
unsigned left(const Pool& pool) {
  const unsigned asked = pool.size != 0 ? pool.size : size_from_environment();
  const unsigned capacity = (asked != 0 ? asked : size_max) - 1;
  return capacity - std::min(capacity, pool.reserved);
}

[[noreturn]] void throw_too_few(const Pool& pool, unsigned wanted) {
  throw RuntimeError(std::to_string(wanted) + " workers were asked for, and libuv's thread pool " +
                     "has " + std::to_string(left(pool)) +
                     " to give: ask before it is first used, or set " + size_variable);
}

std::shared_ptr<Reservation> reserve_locked(Pool& pool, unsigned workers) {
  if (workers > left(pool)) throw_too_few(pool, workers);
  auto reservation = std::make_shared<Reservation>(workers);
  pool.reserved += workers;
  return reservation;
}

}  // namespace

Reservation::~Reservation() {
  Pool& pool = instance();
  const std::lock_guard lock(pool.mutex);
  pool.reserved -= workers_;
}

std::shared_ptr<Reservation> reserve(unsigned workers, Sizing sizing) {
  Pool& pool = instance();
  const std::lock_guard lock(pool.mutex);
  auto reservation = reserve_locked(pool, workers);
  if (sizing == Sizing::exact) pool.sizing = Sizing::exact;
  return reservation;
}

void require_count(const char* name, unsigned count) {
  if (count >= 1 && count < size_max) return;
  throw ValueError(std::string(name) + " must be from 1 to " + std::to_string(size_max - 1));
}

std::shared_ptr<Reservation> share_default() {
  Pool& pool = instance();
  const std::lock_guard lock(pool.mutex);
  if (auto shared = pool.default_share.lock()) return shared;
  auto share = reserve_locked(pool, std::clamp(left(pool), 1U, default_workers()));
  pool.default_share = share;
  return share;
}

void start() {
  Pool& pool = instance();
  const std::lock_guard lock(pool.mutex);
  if (pool.size != 0) return;
  pool.size = size_from_environment();
  if (pool.size != 0) return;
  const unsigned room = pool.sizing == Sizing::exact ? 0 : default_workers();
  pool.size = std::min(size_max, pool.reserved + room + 1);
  setenv(size_variable, std::to_string(pool.size).c_str(), 0);
}

void queue_work(uv_loop_t* loop, uv_work_t& request, uv_work_cb on_pool, uv_after_work_cb after) {
  start();
  const int error = uv_queue_work(loop, &request, on_pool, after);
  require(error == 0, "libuv did not take work");  // it only refuses work without a function
}

void run_in_background() noexcept { in_background = true; }

// libuv makes its threads itself, when work is first queued, so each sees to itself.
void settle_this_thread() noexcept {
  thread_local bool settled = false;
  if (settled || !in_background.load(std::memory_order_relaxed)) return;
  settled = true;
  put_this_thread_in_background();
}

}  // namespace aio::detail::pool
