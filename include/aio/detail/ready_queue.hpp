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

/// What is ready to run, first in first out: a growing ring, a power of two long.
class ReadyQueue {
 public:
  bool empty() const { return head_ == tail_; }
  std::size_t size() const { return tail_ - head_; }

  void push(Runnable& runnable) {
    if (size() == capacity_) grow();
    ring_[tail_++ & (capacity_ - 1)] = &runnable;
  }

  /// Only when not empty.
  Runnable& pop() { return *ring_[head_++ & (capacity_ - 1)]; }

 private:
  void grow() {
    const std::size_t capacity = capacity_ == 0 ? 64 : capacity_ * 2;
    auto ring = std::make_unique<Runnable*[]>(capacity);
    const std::size_t count = size();
    for (std::size_t i = 0; i < count; ++i) ring[i] = &pop();
    ring_ = std::move(ring);
    capacity_ = capacity;
    head_ = 0;
    tail_ = count;
  }

  std::unique_ptr<Runnable*[]> ring_;
  std::size_t capacity_ = 0;
  std::size_t head_ = 0;  // counts for ever; the ring's index is the count's low bits
  std::size_t tail_ = 0;
};

}  // namespace aio::detail
