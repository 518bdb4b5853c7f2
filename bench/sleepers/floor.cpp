#include <uv.h>

#include <algorithm>
#include <coroutine>
#include <cstdlib>
#include <utility>
#include <vector>

#include "floor_coroutine.hpp"
#include "sleepers.hpp"

// The least that a sleeper can cost: a coroutine that nobody can name or await, in a 4-ary heap
// under one uv_timer_t of a millisecond. Its awaiter, in the coroutine's frame, knows its place in
// the heap: a timer that could not be taken out without a search would be no timer to cancel.

namespace {

struct Node {
  std::coroutine_handle<> sleeper;
  std::size_t index = 0;
};

struct Entry {
  std::int64_t deadline;
  Node* node;
};

class Heap {
 public:
  bool empty() const { return entries_.empty(); }
  std::int64_t first() const { return entries_.front().deadline; }

  void push(Entry entry) {
    std::size_t index = entries_.size();
    entries_.push_back(entry);
    while (index > 0 && entry.deadline < entries_[(index - 1) / 4].deadline) {
      place(index, entries_[(index - 1) / 4]);
      index = (index - 1) / 4;
    }
    place(index, entry);
  }

  std::coroutine_handle<> pop() {
    const std::coroutine_handle<> sleeper = entries_.front().node->sleeper;
    const Entry last = entries_.back();
    entries_.pop_back();
    const std::size_t count = entries_.size();
    std::size_t index = 0;
    for (std::size_t child = 1; child < count; child = index * 4 + 1) {
      std::size_t least = child;
      for (std::size_t i = child + 1; i < std::min(child + 4, count); ++i) {
        if (entries_[i].deadline < entries_[least].deadline) least = i;
      }
      if (last.deadline <= entries_[least].deadline) break;
      place(index, entries_[least]);
      index = least;
    }
    if (count > 0) place(index, last);
    return sleeper;
  }

 private:
  void place(std::size_t index, Entry entry) {
    entries_[index] = entry;
    entry.node->index = index;
  }

  std::vector<Entry> entries_;
};

Heap heap;
std::int64_t turn_time = 0;

/// Frames of one size: those that ended are used again.
class Frames {
 public:
  void* take(std::size_t size) {
    if (!free_) return std::malloc(size);
    return std::exchange(free_, free_->next);
  }
  void give(void* frame) { free_ = new (frame) Free{free_}; }

 private:
  struct Free {
    Free* next;
  };
  Free* free_ = nullptr;
};

Frames frames;

struct Sleeper {
  struct promise_type : bench::BarePromise {
    static void* operator new(std::size_t size) { return frames.take(size); }
    static void operator delete(void* frame) { frames.give(frame); }
    Sleeper get_return_object() { return {}; }
  };
};

struct Sleep {
  std::int64_t delay;
  Node node{};
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> sleeper) {
    node.sleeper = sleeper;
    heap.push({static_cast<std::int64_t>(uv_hrtime()) + delay, &node});
  }
  void await_resume() const {}
};

Sleeper sleep_once(std::int64_t delay, std::int64_t& left) {
  co_await Sleep{delay};
  --left;
}

void arm(uv_timer_t* timer);

void wake_due(uv_timer_t* timer) {
  turn_time = static_cast<std::int64_t>(uv_hrtime());
  while (!heap.empty() && heap.first() <= turn_time) heap.pop().resume();
  if (!heap.empty()) arm(timer);
}

void arm(uv_timer_t* timer) {
  const std::int64_t wait = heap.first() - static_cast<std::int64_t>(uv_hrtime());
  const auto milliseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(wait, 0)) / 1'000'000;
  uv_timer_start(timer, wake_due, milliseconds + 1, 0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t count = sleepers::count(argc, argv);
  sleepers::Measure measure;
  uv_loop_t* const loop = uv_default_loop();
  uv_timer_t timer;
  uv_timer_init(loop, &timer);
  sleepers::Delays delays;
  std::int64_t left = count;
  for (std::int64_t i = 0; i < count; ++i) sleep_once(delays.next().count(), left);
  measure.note_memory();
  arm(&timer);
  uv_run(loop, UV_RUN_DEFAULT);
  measure.tell("floor-heap", count);
  return left == 0 ? 0 : 1;
}
