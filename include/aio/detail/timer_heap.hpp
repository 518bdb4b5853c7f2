#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "aio/time.hpp"

namespace aio {
class CancelledError;
}

namespace aio::detail {

class LoopState;
class TaskCore;

/// Something that becomes due: a TimedCall or a TimedTask. It knows its place in the heap, so that
/// cancelling costs no search.
class TimerNode {
 public:
  bool is_armed() const { return index_ != not_armed; }
  bool is_task() const { return is_task_; }

 protected:
  explicit TimerNode(bool is_task) : is_task_(is_task), sequence_(0) {}
  ~TimerNode() = default;

 private:
  friend class TimerHeap;
  static constexpr std::uint32_t not_armed = UINT32_MAX;
  static constexpr std::uint32_t sequence_end = UINT32_MAX >> 1U;
  std::uint32_t index_ = not_armed;
  const std::uint32_t is_task_ : 1;
  std::uint32_t sequence_ : 31;
};

/// Something that is called when it is due.
class TimedCall : public TimerNode {
 public:
  TimedCall() : TimerNode(false) {}
  /// Called once when the deadline has passed, after the node has left the heap of `loop`.
  virtual void on_due(LoopState& loop) noexcept = 0;

 protected:
  ~TimedCall() = default;
};

/// A task that is woken when it is due. One word holds first how long it is to wait, doubled and
/// odd; then the task; then nothing, or what cancelled it, which it owns.
class TimedTask : public TimerNode {
 public:
  /// After the node has left the heap: the task to wake.
  TaskCore& become_due() noexcept {
    return *reinterpret_cast<TaskCore*>(std::exchange(word_, nothing));
  }

 protected:
  explicit TimedTask(Duration delay)
      : TimerNode(true),
        word_(static_cast<std::uintptr_t>(std::clamp(delay.count(), Duration::rep{0}, longest))
                  << 1U |
              nothing) {}
  ~TimedTask() = default;

  /// Not negative; only until the task is set.
  Duration delay() const {
    const auto count = static_cast<Duration::rep>(word_ >> 1U);
    return count == longest ? Duration::max() : Duration(count);
  }
  TaskCore& task() const { return *reinterpret_cast<TaskCore*>(word_); }  // only while armed
  void set_task(TaskCore& task) { word_ = reinterpret_cast<std::uintptr_t>(&task); }

  /// Its CancelledError; null if it was not cancelled. Not while it is armed.
  CancelledError* request() const {
    return word_ & nothing ? nullptr : reinterpret_cast<CancelledError*>(word_);
  }
  void set_request(CancelledError& request) { word_ = reinterpret_cast<std::uintptr_t>(&request); }

 private:
  static constexpr std::uintptr_t nothing = 1;
  static constexpr Duration::rep longest = Duration::max().count() >> 1U;
  std::uintptr_t word_;
};

/// All deadlines of a loop: a 4-ary heap ordered by deadline, and among equal deadlines by the
/// order of arming. Four children to a node halve the depth, and are one cache line.
class TimerHeap {
 public:
  static constexpr std::uint32_t sequence_end = TimerNode::sequence_end;

  /// Armings are counted from `first_sequence` on, up to `sequence_end`.
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
  void number(TimerNode& node) { node.sequence_ = next_sequence_++ & TimerNode::sequence_end; }
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
