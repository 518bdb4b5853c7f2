#include <array>
#include <coroutine>
#include <utility>
#include <vector>

#include "floor_coroutine.hpp"
#include "queue_work.hpp"

// The least that handing a number over can cost: a ring of numbers between two coroutines, which
// wait in a ring of coroutines. Nobody can cancel them, and the kernel is never asked.

namespace {

class ReadyRing {
 public:
  void push(std::coroutine_handle<> handle) { ring_[tail_++ & mask] = handle; }
  void run() {
    while (head_ != tail_) ring_[head_++ & mask].resume();
  }

 private:
  static constexpr std::size_t mask = 63;
  std::array<std::coroutine_handle<>, mask + 1> ring_;
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
};

ReadyRing ready;

struct Routine {
  struct promise_type : bench::BarePromise {
    Routine get_return_object() { return {}; }
  };
};

/// Waits until somebody wakes it.
struct Wait {
  std::coroutine_handle<>& who;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) const { who = handle; }
  void await_resume() const {}
};

class Numbers {
 public:
  explicit Numbers(std::size_t capacity) : ring_(capacity) {}

  bool full() const { return tail_ - head_ == ring_.size(); }
  bool empty() const { return tail_ == head_; }
  void put(std::int64_t number) {
    ring_[tail_++ & (ring_.size() - 1)] = number;
    wake(getter);
  }
  std::int64_t get() {
    const std::int64_t number = ring_[head_++ & (ring_.size() - 1)];
    wake(putter);
    return number;
  }

  std::coroutine_handle<> getter;
  std::coroutine_handle<> putter;

 private:
  static void wake(std::coroutine_handle<>& who) {
    if (who) ready.push(std::exchange(who, {}));
  }
  std::vector<std::int64_t> ring_;
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
};

Routine send(Numbers& numbers, std::int64_t count) {
  for (std::int64_t i = 1; i <= count; ++i) {
    while (numbers.full()) co_await Wait{numbers.putter};
    numbers.put(i);
  }
}

Routine receive(Numbers& numbers, std::int64_t count, std::int64_t& sum) {
  for (std::int64_t i = 0; i < count; ++i) {
    while (numbers.empty()) co_await Wait{numbers.getter};
    sum += numbers.get();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto work = [](std::int64_t count, std::int64_t capacity) {
    Numbers numbers(static_cast<std::size_t>(capacity));
    std::int64_t sum = 0;
    receive(numbers, count, sum);
    send(numbers, count);
    ready.run();
    return sum;
  };
  return queue_work::tell("floor-ring", queue_work::count(argc, argv), work) ? 0 : 1;
}
