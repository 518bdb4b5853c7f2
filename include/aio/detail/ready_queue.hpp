#pragma once

#include <cstddef>
#include <memory>

namespace aio::detail {

class TaskCore;

/// Something that the loop is asked to run once: the next step of a task, or a callback.
class Runnable {
 public:
  /// On the loop's thread. Must not throw: what user code throws goes where it belongs.
  virtual void run() noexcept = 0;
  /// Instead of `run`, when the loop closes before its turn came.
  virtual void discard() noexcept = 0;
  /// The task whose step it is; null for a callback.
  virtual TaskCore* stepping_task() noexcept { return nullptr; }

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

/// What is ready to run, first in first out: a growing ring, a power of two long.
class ReadyQueue {
 public:
  bool empty() const { return head_ == tail_; }
  std::size_t size() const { return tail_ - head_; }

  /// The place that the next push fills.
  std::size_t next_place() const { return tail_; }

  /// Takes out what fills `place`, which must not have had its turn.
  void remove(std::size_t place) noexcept { ring_[place & (capacity_ - 1)] = &nothing_to_run; }

  void push(Runnable& runnable) {
    if (size() == capacity_) grow();
    ring_[tail_++ & (capacity_ - 1)] = &runnable;
  }

  /// What comes after `index` others; only below `size()`.
  Runnable*& at(std::size_t index) { return ring_[(head_ + index) & (capacity_ - 1)]; }

  /// Only when not empty.
  Runnable& pop() { return *ring_[head_++ & (capacity_ - 1)]; }

 private:
  void grow() {
    const std::size_t capacity = capacity_ == 0 ? 64 : capacity_ * 2;
    auto ring = std::make_unique<Runnable*[]>(capacity);
    for (std::size_t place = head_; place != tail_; ++place) {
      ring[place & (capacity - 1)] = ring_[place & (capacity_ - 1)];
    }
    ring_ = std::move(ring);
    capacity_ = capacity;
  }

  std::unique_ptr<Runnable*[]> ring_;
  std::size_t capacity_ = 0;
  std::size_t head_ = 0;  // counts for ever; the ring's index is the count's low bits
  std::size_t tail_ = 0;
};

}  // namespace aio::detail
