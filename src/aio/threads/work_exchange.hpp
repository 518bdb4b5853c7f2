#pragma once

#include <climits>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "aio/detail/thread_work.hpp"
#include "aio/detail/work_queue.hpp"

namespace aio::detail {

/// Stands for the time at which work was queued that found a free worker.
constexpr TimePoint never_queued = TimePoint::max();

/// The place where an executor's loop and its workers meet. It holds the calls that wait for a
/// worker, and those that workers have made and left for the loop. Any of these threads may call a
/// function, except where one side is named.
class WorkExchange {
 public:
  /// A view of the first calls in the queue.
  struct Front {
    int priority = 0;
    std::size_t count = 0;   ///< about how many of this priority wait
    bool is_small = false;   ///< the first of them
    bool has_other = false;  ///< some call that waits is not marked small
  };
  struct Numbers {
    std::size_t queued = 0;  ///< that wait, without those for which a worker is under way
    Duration longest_wait{};
  };
  enum class Handover : unsigned char { none, next, next_and_wake };

  // --- The loop's side

  /// Takes `work` in, and says how many calls of the first priority wait now. Where a worker is
  /// free, one is about to be sent for it.
  std::size_t push(Ref<ThreadWork> work, bool has_free_worker);
  /// Takes back a call that left with a batch and was not begun, before all others of its priority.
  void put_back(int priority, Ref<ThreadWork> work);
  /// A call that waits was withdrawn. It stays in the queue until its turn.
  void on_withdrawn();

  bool empty() const;
  /// The front of the queue, if more calls wait than the workers that are under way will take.
  std::optional<Front> front();
  std::optional<int> first_priority() const;
  /// Moves small calls from the front to `batch`, all of one priority.
  void take_small(WorkBatch& batch, std::size_t count, TimePoint now);
  /// A worker is about to be sent, and will take at least one call if there is one.
  void expect_worker();
  /// Workers leave calls of a lower priority than this to the loop.
  void set_least_priority(int priority);

  /// The calls that were made, linked by `next_in_queue`, with a reference each.
  ThreadWork* take_done() noexcept;
  /// Adds the calls that wait to `works`.
  void copy_waiting(std::vector<Ref<ThreadWork>>& works) const;
  /// Another reference to `work`, the call that a worker makes; null if it makes none.
  Ref<ThreadWork> copy(const Ref<ThreadWork>& work) const;
  Numbers numbers() const;

  // --- A worker's side

  /// If a call waits: begins the first one and puts it in `work`.
  bool take_first(Ref<ThreadWork>& work, TimePoint now);
  /// If another call waits: leaves `work`, which is done, to the loop and puts that one, begun, in
  /// its place. Whether the loop has to be woken for it.
  Handover take_next(Ref<ThreadWork>& work, TimePoint now);

 private:
  Ref<ThreadWork> pop();
  Ref<ThreadWork> begin_next(int least_priority, TimePoint now);
  void add_done(Ref<ThreadWork> work) noexcept;
  void note_wait(const ThreadWork& work, TimePoint now);

  mutable std::mutex mutex_;  // guards all of it
  WorkQueue<ThreadWork> waiting_;
  std::size_t queued_ = 0;    // of those: not withdrawn
  std::size_t others_ = 0;    // of those: not marked small
  std::size_t expected_ = 0;  // workers that were sent and have not taken anything yet
  int least_priority_ = INT_MIN;
  ThreadWork* first_done_ = nullptr;
  ThreadWork* last_done_ = nullptr;
  bool is_loop_told_ = false;  // that something is done
  Duration longest_wait_{};
};

}  // namespace aio::detail
