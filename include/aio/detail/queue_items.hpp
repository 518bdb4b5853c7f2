#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace aio::detail {

/// First in, first out: a growing ring, a power of two long. It allocates only to grow.
template <class T>
class FifoItems {
 public:
  FifoItems() = default;
  FifoItems(const FifoItems&) = delete;
  FifoItems& operator=(const FifoItems&) = delete;
  ~FifoItems() {
    for (; head_ != tail_; ++head_) std::destroy_at(at(head_));
  }

  void push(T item) {
    if (tail_ - head_ == capacity_) grow();
    std::construct_at(at(tail_), std::move(item));
    ++tail_;
  }

  T pop() {
    T* const place = at(head_);
    T item = std::move(*place);
    std::destroy_at(place);
    ++head_;
    return item;
  }

 private:
  /// Room for one.
  struct Place {
    alignas(T) std::byte bytes[sizeof(T)];
  };

  T* at(std::size_t count) { return reinterpret_cast<T*>(ring_[count & (capacity_ - 1)].bytes); }

  void grow() {
    FifoItems larger;
    larger.capacity_ = std::max<std::size_t>(8, capacity_ * 2);
    larger.ring_.reset(new Place[larger.capacity_]);
    for (; head_ != tail_; ++head_) {
      larger.push(std::move(*at(head_)));
      std::destroy_at(at(head_));
    }
    ring_.swap(larger.ring_);
    std::swap(capacity_, larger.capacity_);
    std::swap(head_, larger.head_);
    std::swap(tail_, larger.tail_);
  }

  std::unique_ptr<Place[]> ring_;
  std::size_t capacity_ = 0;
  std::size_t head_ = 0;  // counts for ever; the ring's index is the count's low bits
  std::size_t tail_ = 0;
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
