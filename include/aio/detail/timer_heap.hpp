#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "aio/time.hpp"

namespace aio::detail {

class LoopState;

/// Something that becomes due. It knows its place in the heap, so that cancelling costs no search.
class TimerNode {
 public:
  /// Called once when the deadline has passed, after the node has left the heap of `loop`.
  virtual void on_due(LoopState& loop) noexcept = 0;

  bool is_armed() const { return index_ != not_armed; }

 protected:
  ~TimerNode() = default;

 private:
  friend class TimerHeap;
  static constexpr std::uint32_t not_armed = UINT32_MAX;
  std::uint32_t index_ = not_armed;
  std::uint32_t sequence_ = 0;
};

/// All deadlines of a loop: a 4-ary heap ordered by deadline, and among equal deadlines by the
/// order of arming. Four children to a node halve the depth, and are one cache line.
class TimerHeap {
 public:
  /// Armings are counted from `first_sequence` on.
  explicit TimerHeap(std::uint32_t first_sequence = 0) : next_sequence_(first_sequence) {}

  bool empty() const { return entries_.size() == unused; }
  std::size_t size() const { return entries_.size() - unused; }

  /// The earliest deadline; only when not empty.
  TimePoint next_deadline() const { return heap()->deadline; }

  /// Whether at least two deadlines are no later than `time`.
  bool has_two_until(TimePoint time) const;

  /// Arms `node`, which must not be armed and must stay where it is until it is due or disarmed.
  void arm(TimerNode& node, TimePoint deadline);

  /// Takes `node` out; nothing happens if it is not armed.
  void disarm(TimerNode& node) noexcept;

  /// Takes out the earliest; only when not empty.
  TimerNode& pop() noexcept;

 private:
  static constexpr std::uint32_t arity = 4;
  struct Entry {
    TimePoint deadline;
    TimerNode* node;
  };

  /// The children of an entry share a cache line: that of the root's is the second one.
  template <class T>
  struct LineAllocator {
    using value_type = T;
    static constexpr std::align_val_t line{64};
    LineAllocator() = default;
    template <class U>
    explicit(false) LineAllocator(const LineAllocator<U>&) {}
    T* allocate(std::size_t count) {
      return static_cast<T*>(::operator new(count * sizeof(T), line));
    }
    void deallocate(T* entries, std::size_t) { ::operator delete(entries, line); }
    friend bool operator==(const LineAllocator&, const LineAllocator&) { return true; }
  };
  static constexpr std::uint32_t unused = arity - 1;  // entries before the root

  Entry* heap() { return entries_.data() + unused; }
  const Entry* heap() const { return entries_.data() + unused; }

  static bool before(const Entry& a, const Entry& b) {
    if (a.deadline == b.deadline) [[unlikely]]
      return a.node->sequence_ < b.node->sequence_;
    return a.deadline < b.deadline;
  }
  static void place(Entry* heap, std::uint32_t index, Entry entry) noexcept;
  static void prefetch_children(const Entry* heap, std::uint32_t first) noexcept;
  void sift_up(std::uint32_t index, Entry entry) noexcept;
  void sift_down(std::uint32_t index, Entry entry) noexcept;
  std::uint32_t least_of(std::uint32_t first, std::uint32_t count) const;
  void number_anew();

  std::vector<Entry, LineAllocator<Entry>> entries_ =
      std::vector<Entry, LineAllocator<Entry>>(unused);
  std::uint32_t next_sequence_;
};

}  // namespace aio::detail
