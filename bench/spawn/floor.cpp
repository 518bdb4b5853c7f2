// The least that making and joining a task can cost: bare coroutines whose frames come from lists
// of free ones, one for each size, resumed first in, first out from a ring of their handles; a
// coroutine awaits each. No result, no cancellation, no exceptions, no names.

#include <array>
#include <cstdlib>

#include "floor_ring.hpp"
#include "measure.hpp"

namespace {

/// Memory for frames, cut from large pieces.
class Frames {
 public:
  void* take(std::size_t size) {
    Free*& first = lists_[(size - 1) / step];
    if (!first) refill(first, (size - 1) / step * step + step);
    Free* const frame = first;
    first = frame->next;
    return frame;
  }
  void give(void* frame, std::size_t size) {
    Free*& first = lists_[(size - 1) / step];
    first = ::new (frame) Free{first};
  }

 private:
  static constexpr std::size_t step = 16;
  struct Free {
    Free* next;
  };
  static void refill(Free*& first, std::size_t size) {
    constexpr std::size_t piece = std::size_t{64} * 1024;
    auto* const memory = static_cast<char*>(std::malloc(piece));
    for (std::size_t end = piece / size * size; end > 0; end -= size) {
      first = ::new (memory + end - size) Free{first};
    }
  }
  std::array<Free*, 64> lists_{};
};

constinit thread_local Frames frames;
bench::Ring ring;

/// A coroutine that starts in the next turn, and can be awaited once.
class Task {
 public:
  struct promise_type {
    static void* operator new(std::size_t size) { return frames.take(size); }
    static void operator delete(void* frame, std::size_t size) { frames.give(frame, size); }
    Task get_return_object() {
      const auto handle = std::coroutine_handle<promise_type>::from_promise(*this);
      ring.push(handle);
      return Task(handle);
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct WakeAwaiting {
        bool await_ready() noexcept { return false; }
        void await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
          if (ended.promise().awaiting) ring.push(ended.promise().awaiting);
        }
        void await_resume() noexcept {}
      };
      return WakeAwaiting();
    }
    void return_void() {}
    void unhandled_exception() {}
    std::coroutine_handle<> awaiting;
  };

  Task(Task&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool done() const { return handle_.done(); }
  auto operator co_await() const {
    struct Awaiter {
      bool await_ready() const { return handle.done(); }
      void await_suspend(std::coroutine_handle<> caller) const {
        handle.promise().awaiting = caller;
      }
      void await_resume() const {}
      std::coroutine_handle<promise_type> handle;
    };
    return Awaiter{handle_};
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

Task nothing() { co_return; }

Task by_thousand(int count) {
  const std::int64_t start = bench::now_ns();
  std::vector<Task> tasks;
  for (int made = 0; made < count; made += 1000) {
    for (int i = 0; i < 1000; ++i) tasks.push_back(nothing());
    for (const Task& task : tasks) co_await task;
    tasks.clear();
  }
  bench::print("floor-pool", "by_thousand", static_cast<double>(bench::now_ns() - start) / count);
}

Task at_once(int count) {
  const std::int64_t before = bench::resident_bytes();
  const std::int64_t start = bench::now_ns();
  std::int64_t bytes = 0;
  {
    std::vector<Task> tasks;
    tasks.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) tasks.push_back(nothing());
    bytes = bench::resident_bytes() - before;
    for (const Task& task : tasks) co_await task;
  }
  bench::print("floor-pool", "at_once", static_cast<double>(bench::now_ns() - start) / count);
  bench::print("floor-pool", "bytes", static_cast<double>(bytes) / count);
}

void run(const Task& task) {
  while (!task.done()) ring.turn();
}

}  // namespace

int main(int argc, char** argv) {
  const int count = bench::is_smoke(argc, argv) ? 10'000 : 1'000'000;
  run(by_thousand(count));
  run(at_once(count));
}
