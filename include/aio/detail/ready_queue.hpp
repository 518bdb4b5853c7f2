#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

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

/// What has a turn coming: a task, whose step the loop takes without a virtual call, or a Runnable.
/// Which of them is in the address' lowest bit.
class Ready {
 public:
  Ready() = default;
  explicit Ready(TaskCore& task) : address_(reinterpret_cast<std::uintptr_t>(&task) | task_bit) {}
  explicit Ready(Runnable& runnable) : address_(reinterpret_cast<std::uintptr_t>(&runnable)) {}

  bool is_task() const { return (address_ & task_bit) != 0; }
  TaskCore& task() const { return *reinterpret_cast<TaskCore*>(address_ - task_bit); }
  Runnable& runnable() const { return *reinterpret_cast<Runnable*>(address_); }

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

/// What is ready to run, first in first out: a growing ring, a power of two long.
class ReadyQueue {
 public:
  bool empty() const { return head_ == tail_; }
  std::size_t size() const { return tail_ - head_; }

  /// The place that the next push fills.
  std::size_t next_place() const { return tail_; }

  /// Takes out what fills `place`, which must not have had its turn.
  void remove(std::size_t place) noexcept { ring_[place & mask_] = Ready(nothing_to_run); }

  void push(Ready ready) {
    if (size() == capacity_) [[unlikely]]
      grow();
    ring_[tail_++ & mask_] = ready;
  }
  void push(TaskCore& task) { push(Ready(task)); }
  void push(Runnable& runnable) { push(Ready(runnable)); }

  /// What comes after `index` others; only below `size()`.
  Ready& at(std::size_t index) { return ring_[(head_ + index) & mask_]; }

  /// Only when not empty.
  Ready pop() { return ring_[head_++ & mask_]; }

 private:
  void grow();

  struct Free {
    void operator()(Ready* ring) const noexcept { std::free(ring); }
  };
  std::unique_ptr<Ready[], Free> ring_;
  std::size_t capacity_ = 0;
  std::size_t mask_ = 0;
  std::size_t head_ = 0;  // counts for ever; the ring's index is the count's low bits
  std::size_t tail_ = 0;
};

}  // namespace aio::detail
