#include "aio/detail/timer_heap.hpp"

#include <algorithm>

#include "aio/error.hpp"

namespace aio::detail {

bool TimerHeap::has_two_until(TimePoint time) const {
  if (empty() || next_deadline() > time) return false;
  const Entry* const children = heap() + 1;
  return std::any_of(children, children + std::min<std::size_t>(size() - 1, arity),
                     [time](const Entry& entry) { return entry.deadline <= time; });
}

void TimerHeap::place(Entry* heap, std::uint32_t index, Entry entry) noexcept {
  heap[index] = entry;
  entry.node->index_ = index;
}

void TimerHeap::sift_up(std::uint32_t index, Entry entry) noexcept {
  Entry* const heap = this->heap();
  while (index > 0) {
    const std::uint32_t parent = (index - 1) / arity;
    if (!before(entry, heap[parent])) break;
    place(heap, index, heap[parent]);
    index = parent;
  }
  place(heap, index, entry);
}

/// The least of the entries from `first` on that have the same parent. Compared in pairs: then no
/// comparison but the last has to wait for another.
std::uint32_t TimerHeap::least_of(std::uint32_t first, std::uint32_t count) const {
  const Entry* const heap = this->heap();
  std::uint32_t least = first;
  if (first + arity <= count) [[likely]] {
    const std::uint32_t left = before(heap[first + 1], heap[first]) ? first + 1 : first;
    const std::uint32_t right = before(heap[first + 3], heap[first + 2]) ? first + 3 : first + 2;
    return before(heap[right], heap[left]) ? right : left;
  }
  for (std::uint32_t child = first + 1; child < count; ++child) {
    if (before(heap[child], heap[least])) least = child;
  }
  return least;
}

/// Has the processor fetch the children of `first` and its three siblings while they are compared:
/// the next comparison is of four of those, and which ones is known too late. Of a million timers
/// it makes the half.
void TimerHeap::prefetch_children(const Entry* heap, std::uint32_t first) noexcept {
  const auto address =
      reinterpret_cast<std::uintptr_t>(heap) + (std::uintptr_t{first} * arity + 1) * sizeof(Entry);
  for (std::uintptr_t family = 0; family < arity; ++family) {
    __builtin_prefetch(reinterpret_cast<const void*>(address + family * arity * sizeof(Entry)));
  }
}

void TimerHeap::sift_down(std::uint32_t index, Entry entry) noexcept {
  Entry* const heap = this->heap();
  const auto count = static_cast<std::uint32_t>(size());
  for (;;) {
    const std::uint32_t first = index * arity + 1;
    if (first >= count) break;
    prefetch_children(heap, first);
    const std::uint32_t least = least_of(first, count);
    if (!before(heap[least], entry)) break;
    place(heap, index, heap[least]);
    index = least;
  }
  place(heap, index, entry);
}

void TimerHeap::arm(TimerNode& node, TimePoint deadline) {
  if (next_sequence_ == sequence_end) number_anew();
  require(size() < TimerNode::not_armed / arity, "an event loop has more timers than it can count");
  entries_.emplace_back();
  number(node);
  sift_up(static_cast<std::uint32_t>(size() - 1), {deadline, &node});
}

// Everybody who is armed gets a number below, in the same order. That is once in two thousand
// million armings.
void TimerHeap::number_anew() {
  std::vector<TimerNode*> nodes;
  for (std::uint32_t index = 0; index < size(); ++index) nodes.push_back(heap()[index].node);
  std::sort(nodes.begin(), nodes.end(),
            [](const TimerNode* a, const TimerNode* b) { return a->sequence_ < b->sequence_; });
  next_sequence_ = 0;
  for (TimerNode* const node : nodes) number(*node);
}

void TimerHeap::disarm(TimerNode& node) noexcept {
  if (!node.is_armed()) return;
  const std::uint32_t hole = node.index_;
  node.index_ = TimerNode::not_armed;
  const Entry last = entries_.back();
  entries_.pop_back();
  if (hole == size()) return;
  if (hole > 0 && before(last, heap()[(hole - 1) / arity])) {
    sift_up(hole, last);
  } else {
    sift_down(hole, last);
  }
}

TimerNode& TimerHeap::pop() noexcept {
  TimerNode& node = *heap()->node;
  disarm(node);
  return node;
}

}  // namespace aio::detail
