// The least that a task switch can cost: bare coroutines, resumed first in, first out from a ring
// of their handles, in turns. No cancellation, no exceptions, no names, and the kernel is never
// asked for anything.

#include "floor_ring.hpp"
#include "measure.hpp"

namespace {

bench::Ring ring;

struct Task {
  struct promise_type {
    Task get_return_object() {
      ring.push(std::coroutine_handle<promise_type>::from_promise(*this));
      return {};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

struct Yield {
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) const { ring.push(handle); }
  void await_resume() const {}
};

Task yield(int times) {
  for (int i = 0; i < times; ++i) co_await Yield();
}

double ns_per_yield(int tasks, int times) {
  const std::int64_t start = bench::now_ns();
  for (int i = 0; i < tasks; ++i) yield(times);
  while (!ring.empty()) ring.turn();
  return static_cast<double>(bench::now_ns() - start) / tasks / times;
}

}  // namespace

int main(int argc, char** argv) {
  const int scale = bench::is_smoke(argc, argv) ? 1000 : 1;
  bench::print("floor-ring", "one_task", ns_per_yield(1, 10'000'000 / scale));
  bench::print("floor-ring", "thousand_tasks", ns_per_yield(1000, 10'000 / scale));
}
