#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <utility>

#include "aio/detail/ref.hpp"

namespace aio::detail {

/// Work that waits for a worker: the highest priority first, equal ones in the order of their
/// coming. The queue owns a reference to each; `Work` has the link, `next_in_queue`.
template <class Work>
class WorkQueue {
 public:
  WorkQueue() = default;
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  ~WorkQueue() {
    while (!empty()) static_cast<void>(pop());
  }

  bool empty() const { return lanes_.empty(); }

  void push(int priority, Ref<Work> work) {
    Lane& lane = lanes_[priority];
    Work* const last = work.detach();
    last->next_in_queue = nullptr;
    (lane.last ? lane.last->next_in_queue : lane.first) = last;
    lane.last = last;
    ++lane.count;
  }

  /// Before all others of its priority: it had its turn, and did not start.
  void push_front(int priority, Ref<Work> work) {
    Lane& lane = lanes_[priority];
    Work* const first = work.detach();
    first->next_in_queue = lane.first;
    lane.first = first;
    if (!lane.last) lane.last = first;
    ++lane.count;
  }

  /// The next call, and how many of its priority there are. These and `pop` only when not empty.
  const Work& first() const { return *lanes_.begin()->second.first; }
  int first_priority() const { return lanes_.begin()->first; }
  std::size_t first_count() const { return lanes_.begin()->second.count; }

  Ref<Work> pop() {
    const auto highest = lanes_.begin();
    Lane& lane = highest->second;
    auto work = Ref<Work>::adopt(lane.first);
    lane.first = work->next_in_queue;
    --lane.count;
    if (!lane.first) lanes_.erase(highest);
    return work;
  }

  template <class F>
  void for_each(F f) const {
    for (const auto& [priority, lane] : lanes_) {
      for (Work* work = lane.first; work; work = work->next_in_queue) f(*work);
    }
  }

 private:
  struct Lane {
    Work* first = nullptr;
    Work* last = nullptr;
    std::size_t count = 0;
  };
  std::map<int, Lane, std::greater<>> lanes_;  // none is empty
};

}  // namespace aio::detail
