#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace aio::detail {

/// First in, first out: a growing ring, a power of two long. It allocates only to grow.
template <class T>
class FifoItems {
 public:
  void push(T item) {
    if (size_ == ring_.size()) grow();
    ring_[(head_ + size_) & (ring_.size() - 1)].emplace(std::move(item));
    ++size_;
  }

  T pop() {
    std::optional<T>& place = ring_[head_];
    T item = std::move(*place);
    place.reset();
    head_ = (head_ + 1) & (ring_.size() - 1);
    --size_;
    return item;
  }

 private:
  void grow() {
    std::vector<std::optional<T>> ring(std::max<std::size_t>(8, ring_.size() * 2));
    for (std::size_t i = 0; i < size_; ++i) {
      ring[i].emplace(std::move(*ring_[(head_ + i) & (ring_.size() - 1)]));
    }
    ring_ = std::move(ring);
    head_ = 0;
  }

  std::vector<std::optional<T>> ring_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

/// Last in, first out.
template <class T>
class LifoItems {
 public:
  void push(T item) { items_.push_back(std::move(item)); }
  T pop() {
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }

 private:
  std::vector<T> items_;
};

/// Smallest first: a heap.
template <class T, class Compare>
class PriorityItems {
 public:
  PriorityItems() = default;
  explicit PriorityItems(Compare compare) : compare_{std::move(compare)} {}

  void push(T item) {
    items_.push_back(std::move(item));
    std::push_heap(items_.begin(), items_.end(), compare_);
  }
  T pop() {
    std::pop_heap(items_.begin(), items_.end(), compare_);
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }

 private:
  /// The standard's heaps have the largest on top.
  struct Inverted {
    bool operator()(const T& a, const T& b) { return less(b, a); }
    Compare less{};
  };

  std::vector<T> items_;
  Inverted compare_;
};

}  // namespace aio::detail
