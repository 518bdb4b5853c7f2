#pragma once

#include <cstddef>
#include <cstdint>

#include "aio/detail/block_pool.hpp"

namespace aio::detail {

class TaskCore;

/// Something that the loop is asked to run once and that is no task: a callback.
class Runnable {
 public:
  /// On the loop's thread. Must not throw: what user code throws goes where it belongs.
  virtual void run() noexcept = 0;
  /// Instead of `run`, when the loop closes before its turn came.
  virtual void discard() noexcept = 0;

 protected:
  ~Runnable() = default;
};

/// Takes the place of what left the queue before its turn.
class NothingToRun final : public Runnable {
 public:
  void run() noexcept override {}
  void discard() noexcept override {}
};
inline NothingToRun nothing_to_run;

/// A thing that is to run: a task, whose step the loop takes without a virtual call, or a Runnable.
/// Which of them is in the address' lowest bit.
class Ready {
 public:
  Ready() = default;
  explicit Ready(TaskCore& task) : address_(reinterpret_cast<std::uintptr_t>(&task) | task_bit) {}
  explicit Ready(Runnable& runnable) : address_(reinterpret_cast<std::uintptr_t>(&runnable)) {}

  bool is_task() const { return (address_ & task_bit) != 0; }
  TaskCore& task() const { return *reinterpret_cast<TaskCore*>(address_ - task_bit); }
  Runnable& runnable() const { return *reinterpret_cast<Runnable*>(address_); }

  /// Has the processor fetch it, if it is there: it need not be.
  void prefetch() const { __builtin_prefetch(reinterpret_cast<const void*>(address_)); }

  /// The task whose step it is; null for a callback.
  TaskCore* stepping_task() const { return is_task() ? &task() : nullptr; }

  void run() const noexcept;
  /// Instead of `run`, when the loop closes before its turn came.
  void discard() const noexcept {
    if (!is_task()) runnable().discard();
  }

 private:
  static constexpr std::uintptr_t task_bit = 1;
  std::uintptr_t address_;
};

/// The tasks and callbacks that are ready, first in first out: a chain of chunks, each given back
/// when it has been read. So it takes memory only for what is in it, also after a million were
/// ready at once.
class ReadyQueue {
 public:
  ReadyQueue() = default;
  ReadyQueue(const ReadyQueue&) = delete;
  ReadyQueue& operator=(const ReadyQueue&) = delete;
  ~ReadyQueue();

  bool empty() const { return head_ == tail_; }
  std::size_t size() const {
    if (head_end_ == tail_end_) return static_cast<std::size_t>(tail_ - head_);
    return chunks_ * chunk_length - static_cast<std::size_t>(tail_end_ - tail_) -
           (chunk_length - static_cast<std::size_t>(head_end_ - head_));
  }

  /// Its place, until it has its turn.
  Ready* push(Ready ready) {
    if (tail_ == tail_end_) [[unlikely]]
      make_room();
    *tail_ = ready;
    return tail_++;
  }
  Ready* push(TaskCore& task) { return push(Ready(task)); }
  Ready* push(Runnable& runnable) { return push(Ready(runnable)); }

  /// Takes out what is at `place`, which must not have had its turn.
  static void remove(Ready* place) noexcept { *place = Ready(nothing_to_run); }

  /// Only when not empty.
  Ready pop() {
    if (head_ == head_end_) [[unlikely]]
      drop_chunk();
    return *head_++;
  }

  /// Of `count` that are to run, has the processor fetch one that comes soon: what was woken in no
  /// order of the memory, such as a million sleepers, would be waited for each time.
  void prefetch(std::size_t count) const {
    if (count > prefetch_distance &&
        head_end_ - head_ > static_cast<std::ptrdiff_t>(prefetch_distance)) {
      head_[prefetch_distance].prefetch();
    }
  }

  /// Calls `f(place)` for the first `count`, which must be there.
  template <class F>
  void for_each(std::size_t count, F f) {
    Ready* place = head_;
    Ready* end = head_end_;
    for (; count > 0; --count) {
      if (place == end) {
        place = chunk_of(end)->next->places;
        end = place + chunk_length;
      }
      f(place++);
    }
  }

 private:
  static constexpr std::size_t chunk_length = 255;
  static constexpr std::size_t prefetch_distance = 6;
  struct Chunk {
    Ready places[chunk_length];
    Chunk* next;
  };
  static_assert(sizeof(Chunk) <= block_size_max);

  static Chunk* chunk_of(Ready* end) { return reinterpret_cast<Chunk*>(end - chunk_length); }
  void make_room();
  void drop_chunk() noexcept;

  // What comes next, and where the next one goes; each with the end of its chunk.
  Ready* head_ = nullptr;
  Ready* head_end_ = nullptr;
  Ready* tail_ = nullptr;
  Ready* tail_end_ = nullptr;
  std::size_t chunks_ = 0;
};

}  // namespace aio::detail
