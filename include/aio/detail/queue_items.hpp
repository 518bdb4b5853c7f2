#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace aio::detail {

/// First in, first out: a growing ring, a power of two long. It allocates only to grow.
///
/// Items are numbered in their order, for ever; the ring's index is a number's low bits. The queue
/// knows the numbers: `first` is that of the first which is there, `end` that of the next one.
template <class T>
class FifoItems {
 public:
  void push(T&& item, std::size_t first, std::size_t end) {
    if (end - first == capacity_) [[unlikely]]
      grow(first, end);
    std::construct_at(at(end), std::move(item));
  }

  T pop(std::size_t first) {
    T* const place = at(first);
    T item = std::move(*place);
    std::destroy_at(place);
    return item;
  }

  void clear(std::size_t first, std::size_t end) noexcept {
    for (; first != end; ++first) std::destroy_at(at(first));
  }

 private:
  /// Room for one.
  struct Place {
    alignas(T) std::byte bytes[sizeof(T)];
  };

  T* at(std::size_t number) { return reinterpret_cast<T*>(ring_[number & (capacity_ - 1)].bytes); }

  [[gnu::noinline]] void grow(std::size_t first, std::size_t end) {
    FifoItems larger;
    larger.capacity_ = std::max<std::size_t>(8, capacity_ * 2);
    larger.ring_.reset(new Place[larger.capacity_]);
    std::size_t next = first;
    try {
      for (; next != end; ++next) std::construct_at(larger.at(next), std::move(*at(next)));
    } catch (...) {
      larger.clear(first, next);
      throw;
    }
    clear(first, end);
    ring_.swap(larger.ring_);
    std::swap(capacity_, larger.capacity_);
  }

  std::unique_ptr<Place[]> ring_;
  std::size_t capacity_ = 0;
};

/// Last in, first out.
template <class T>
class LifoItems {
 public:
  void push(T&& item, std::size_t /*first*/, std::size_t /*end*/) {
    items_.push_back(std::move(item));
  }
  T pop(std::size_t /*first*/) {
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }
  void clear(std::size_t /*first*/, std::size_t /*end*/) noexcept { items_.clear(); }

 private:
  std::vector<T> items_;
};

/// Smallest first: a heap.
template <class T, class Compare>
class PriorityItems {
 public:
  PriorityItems() = default;
  explicit PriorityItems(Compare compare) : compare_{std::move(compare)} {}

  void push(T&& item, std::size_t /*first*/, std::size_t /*end*/) {
    items_.push_back(std::move(item));
    std::push_heap(items_.begin(), items_.end(), compare_);
  }
  T pop(std::size_t /*first*/) {
    std::pop_heap(items_.begin(), items_.end(), compare_);
    T item = std::move(items_.back());
    items_.pop_back();
    return item;
  }
  void clear(std::size_t /*first*/, std::size_t /*end*/) noexcept { items_.clear(); }

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
