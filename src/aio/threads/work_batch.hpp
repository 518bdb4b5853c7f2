#pragma once

#include <uv.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "aio/detail/thread_work.hpp"

namespace aio::detail {

class SmallCalls;

/// Calls that are marked small on one trip through libuv's pool, all of one priority. The worker
/// makes the calls one after the other and says how far it is; all else is for the loop's thread.
///
/// A call that has not begun can leave the batch at any time, withdrawn or taken back for another
/// worker. Its place keeps the reference: the worker finds there that it may not begin it.
class WorkBatch {
 public:
  static constexpr std::size_t size_max = 512;
  static constexpr std::size_t never_seen = static_cast<std::size_t>(-1);

  explicit WorkBatch(SmallCalls& owner) : owner_(owner) { request_.data = this; }
  WorkBatch(const WorkBatch&) = delete;
  WorkBatch& operator=(const WorkBatch&) = delete;

  void add(Ref<ThreadWork> work);
  /// Hands it to libuv, which gives it back to the owner.
  void send(uv_loop_t* loop);
  /// Empties it for another trip, as the one with this index in the list of those that travel.
  void reset(std::uint64_t new_number, std::size_t new_index);

  bool is_shared() const { return works_.size() > 1; }
  std::size_t size() const { return works_.size(); }
  /// The call at a place that the loop has not taken yet.
  ThreadWork& at(std::size_t place) const { return *works_[place]; }
  /// Takes the call at the next place, which the worker has passed.
  Ref<ThreadWork> take_next() { return std::move(works_[taken_++]); }
  std::size_t taken() const { return taken_; }
  /// How many places the worker is through with.
  std::size_t passed() const { return passed_.load(std::memory_order_acquire); }
  /// How many of its calls have not begun; nearly, for the worker goes on meanwhile.
  std::size_t waiting() const;

  std::uint64_t number = 0;
  int priority = 0;
  std::size_t index = 0;             ///< in the list of batches that travel
  std::size_t held = 0;              ///< calls that have not left it, in whatever way
  std::size_t passed_when_seen = 0;  ///< when it was last looked after
  bool is_slow = false;              ///< it takes longer than small calls do
  std::uint64_t duration_ns = 0;     ///< how long the worker took, once it is back; if it is shared

 private:
  void work() noexcept;

  SmallCalls& owner_;
  std::vector<Ref<ThreadWork>> works_;
  std::size_t taken_ = 0;
  uv_work_t request_{};
  alignas(64) std::atomic<std::size_t> passed_ = 0;  // a line of its own: the worker's
};

}  // namespace aio::detail
