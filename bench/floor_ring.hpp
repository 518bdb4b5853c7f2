#pragma once

#include <coroutine>
#include <cstddef>
#include <vector>

namespace bench {

/// What is ready in a loop that does nothing else: a growing ring of coroutine handles, a power of
/// two long.
class Ring {
 public:
  bool empty() const { return head_ == tail_; }

  void push(std::coroutine_handle<> handle) {
    if (tail_ - head_ == handles_.size()) grow();
    handles_[tail_++ & (handles_.size() - 1)] = handle;
  }

  /// Resumes what is ready now; what becomes ready meanwhile has the next turn.
  void turn() {
    for (std::size_t count = tail_ - head_; count > 0; --count) {
      handles_[head_++ & (handles_.size() - 1)].resume();
    }
  }

 private:
  void grow() {
    std::vector<std::coroutine_handle<>> handles(handles_.size() * 2);
    for (std::size_t place = head_; place != tail_; ++place) {
      handles[place & (handles.size() - 1)] = handles_[place & (handles_.size() - 1)];
    }
    handles_.swap(handles);
  }

  std::vector<std::coroutine_handle<>> handles_{64};
  std::size_t head_ = 0;  // counts for ever; the ring's index is the count's low bits
  std::size_t tail_ = 0;
};

}  // namespace bench
