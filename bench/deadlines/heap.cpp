// The structure that holds a loop's deadlines, alone: aio's heap, and libuv's behind uv_timer_t.

#include <benchmark/benchmark.h>
#include <uv.h>

#include <chrono>
#include <deque>
#include <vector>

#include "aio/detail/timer_heap.hpp"
#include "splitmix.hpp"

namespace {

using aio::detail::TimerHeap;
using aio::detail::TimerNode;

class Node final : public aio::detail::TimedCall {
 public:
  void on_due(aio::detail::LoopState&) noexcept override {}
};

constexpr std::uint64_t second_ns = 1'000'000'000;

aio::TimePoint after_ns(std::uint64_t ns) { return aio::TimePoint(std::chrono::nanoseconds(ns)); }

/// The earliest leaves and comes back up to a second later, while `state.range(0)` wait.
void hold(benchmark::State& state) {
  TimerHeap heap;
  bench::SplitMix64 random(1);
  std::vector<Node> nodes(static_cast<std::size_t>(state.range(0)));
  for (Node& node : nodes) heap.arm(node, after_ns(random() % second_ns));
  for (auto step : state) {
    const aio::TimePoint now = heap.next_deadline();
    TimerNode& node = heap.pop();
    heap.arm(node, now + std::chrono::nanoseconds(random() % second_ns));
  }
  while (!heap.empty()) heap.pop();
}

/// One that is far away is put off, as a time limit is that was not needed.
void put_off(benchmark::State& state) {
  TimerHeap heap;
  bench::SplitMix64 random(1);
  std::vector<Node> nodes(static_cast<std::size_t>(state.range(0)));
  for (Node& node : nodes) heap.arm(node, after_ns(random() % second_ns));
  for (auto step : state) {
    Node& node = nodes[random() % nodes.size()];
    heap.disarm(node);
    heap.arm(node, after_ns(second_ns + random() % second_ns));
  }
  while (!heap.empty()) heap.pop();
}

void put_off_uv_timer(benchmark::State& state) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  bench::SplitMix64 random(1);
  std::vector<uv_timer_t> timers(static_cast<std::size_t>(state.range(0)));
  const auto start = [](uv_timer_t& timer, std::uint64_t ms) {
    uv_timer_start(
        &timer, [](uv_timer_t*) {}, ms, 0);
  };
  for (uv_timer_t& timer : timers) {
    uv_timer_init(&loop, &timer);
    start(timer, 1'000'000 + random() % 1000);
  }
  for (auto step : state) start(timers[random() % timers.size()], 2'000'000 + random() % 1000);
  for (uv_timer_t& timer : timers) uv_close(reinterpret_cast<uv_handle_t*>(&timer), nullptr);
  uv_run(&loop, UV_RUN_DEFAULT);
  uv_loop_close(&loop);
}

void called(const char* name, void (*what)(benchmark::State&), std::int64_t count) {
  benchmark::RegisterBenchmark(name, what)->Arg(count);
}

}  // namespace

int main(int argc, char** argv) {
  called("aio/hold_hundred", hold, 100);
  called("aio/hold_million", hold, 1'000'000);
  called("aio/put_off_hundred", put_off, 100);
  called("libuv/put_off_hundred", put_off_uv_timer, 100);
  called("aio/put_off_million", put_off, 1'000'000);
  called("libuv/put_off_million", put_off_uv_timer, 1'000'000);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
