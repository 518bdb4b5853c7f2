#include "aio/detail/timer_heap.hpp"

#include <algorithm>

namespace aio::detail {

namespace {
constexpr std::size_t arity = 4;
}

bool TimerHeap::before(const Entry& a, const Entry& b) {
  if (a.deadline != b.deadline) return a.deadline < b.deadline;
  return a.node->sequence_ < b.node->sequence_;
}

void TimerHeap::place(std::size_t index, Entry entry) noexcept {
  entries_[index] = entry;
  entry.node->index_ = index;
}

void TimerHeap::sift_up(std::size_t index, Entry entry) noexcept {
  while (index > 0) {
    const std::size_t parent = (index - 1) / arity;
    if (!before(entry, entries_[parent])) break;
    place(index, entries_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerHeap::sift_down(std::size_t index, Entry entry) noexcept {
  const std::size_t count = entries_.size();
  for (;;) {
    const std::size_t first = index * arity + 1;
    if (first >= count) break;
    const std::size_t last = std::min(first + arity, count);
    std::size_t least = first;
    for (std::size_t child = first + 1; child < last; ++child) {
      if (before(entries_[child], entries_[least])) least = child;
    }
    if (!before(entries_[least], entry)) break;
    place(index, entries_[least]);
    index = least;
  }
  place(index, entry);
}

void TimerHeap::arm(TimerNode& node, TimePoint deadline) {
  const Entry entry{deadline, &node};
  entries_.push_back(entry);
  node.sequence_ = next_sequence_++;
  sift_up(entries_.size() - 1, entry);
}

void TimerHeap::disarm(TimerNode& node) noexcept {
  if (!node.is_armed()) return;
  const std::size_t hole = node.index_;
  node.index_ = TimerNode::not_armed;
  const Entry last = entries_.back();
  entries_.pop_back();
  if (hole == entries_.size()) return;
  if (hole > 0 && before(last, entries_[(hole - 1) / arity])) {
    sift_up(hole, last);
  } else {
    sift_down(hole, last);
  }
}

TimerNode& TimerHeap::pop() noexcept {
  TimerNode& node = *entries_.front().node;
  disarm(node);
  return node;
}

}  // namespace aio::detail
