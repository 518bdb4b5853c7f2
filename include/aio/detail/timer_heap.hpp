#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aio/time.hpp"

namespace aio::detail {

/// Something that becomes due. It knows its place in the heap, so that cancelling costs no search.
class TimerNode {
 public:
  /// Called once when the deadline has passed, after the node has left the heap.
  virtual void on_due() noexcept = 0;

  bool is_armed() const { return index_ != not_armed; }

 protected:
  ~TimerNode() = default;

 private:
  friend class TimerHeap;
  static constexpr std::size_t not_armed = SIZE_MAX;
  std::size_t index_ = not_armed;
  std::uint64_t sequence_ = 0;
};

/// All deadlines of a loop: a 4-ary heap ordered by deadline, and among equal deadlines by the
/// order of arming. Four children to a node halve the depth, and share a cache line.
class TimerHeap {
 public:
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }

  /// The earliest deadline; only when not empty.
  TimePoint next_deadline() const { return entries_.front().deadline; }

  /// Arms `node`, which must not be armed and must stay where it is until it is due or disarmed.
  void arm(TimerNode& node, TimePoint deadline);

  /// Takes `node` out; nothing happens if it is not armed.
  void disarm(TimerNode& node) noexcept;

  /// Takes out the earliest; only when not empty.
  TimerNode& pop() noexcept;

 private:
  struct Entry {
    TimePoint deadline;
    TimerNode* node;
  };
  static bool before(const Entry& a, const Entry& b);
  void place(std::size_t index, Entry entry) noexcept;
  void sift_up(std::size_t index, Entry entry) noexcept;
  void sift_down(std::size_t index, Entry entry) noexcept;

  std::vector<Entry> entries_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace aio::detail
