#pragma once

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
  }

  /// Only when not empty.
  Ref<Work> pop() {
    const auto highest = lanes_.begin();
    Lane& lane = highest->second;
    auto work = Ref<Work>::adopt(lane.first);
    lane.first = work->next_in_queue;
    if (!lane.first) lanes_.erase(highest);
    return work;
  }

 private:
  struct Lane {
    Work* first = nullptr;
    Work* last = nullptr;
  };
  std::map<int, Lane, std::greater<>> lanes_;  // none is empty
};

}  // namespace aio::detail
