#include <doctest/doctest.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "aio/detail/timer_heap.hpp"
#include "aio/event_loop.hpp"
#include "aio/loop/loop_core.hpp"
#include "aio/prompt_wakes.hpp"
#include "aio/sleep.hpp"
#include "support/loop_test.hpp"

using namespace support;

namespace {

struct Node final : aio::detail::TimedCall {
  void on_due(aio::detail::LoopState&) noexcept override {}
  int number = 0;
};

aio::TimePoint at(std::int64_t ns) { return aio::TimePoint(aio::Duration(ns)); }

/// The heap beside a multimap, which keeps equal keys in the order of their insertion.
class HeapModel {
 public:
  explicit HeapModel(std::uint32_t first_sequence) : heap_(first_sequence) {}
  void arm(Node& node, aio::TimePoint deadline) {
    heap_.arm(node, deadline);
    places_[&node] = model_.emplace(deadline, &node);
  }
  void disarm(Node& node) {
    heap_.disarm(node);
    const auto found = places_.find(&node);
    if (found == places_.end()) return;
    model_.erase(found->second);
    places_.erase(found);
  }
  void pop() {
    REQUIRE(heap_.next_deadline() == model_.begin()->first);
    Node* const expected = model_.begin()->second;
    REQUIRE(&heap_.pop() == expected);
    REQUIRE_FALSE(expected->is_armed());
    places_.erase(expected);
    model_.erase(model_.begin());
  }
  void check() const {
    REQUIRE(heap_.size() == model_.size());
    REQUIRE(heap_.empty() == model_.empty());
    if (!model_.empty()) REQUIRE(heap_.next_deadline() == model_.begin()->first);
    REQUIRE_FALSE(heap_.has_two_until(at(-1)));
    if (model_.size() < 2) return;
    const auto second = std::next(model_.begin())->first;
    REQUIRE(heap_.has_two_until(second));
    REQUIRE_FALSE(heap_.has_two_until(second - aio::Duration(1)));
  }
  bool empty() const { return model_.empty(); }

 private:
  using Model = std::multimap<aio::TimePoint, Node*>;
  aio::detail::TimerHeap heap_;
  Model model_;
  std::map<const Node*, Model::iterator> places_;
};

}  // namespace

TEST_CASE("the timer heap agrees with a multimap over random arming and disarming") {
  std::mt19937 random(20240229);
  for (const int spread : {3, 50, 1'000'000}) {
    CAPTURE(spread);
    std::vector<Node> nodes(300);
    HeapModel model(aio::detail::TimerHeap::sequence_end -
                    1000);  // it numbers them anew on the way
    for (int step = 0; step < 10'000; ++step) {
      Node& node = nodes[random() % nodes.size()];
      if (random() % 4 == 0 && !model.empty()) {
        model.pop();
      } else if (node.is_armed() || random() % 8 == 0) {
        model.disarm(node);
      } else {
        model.arm(node, at(static_cast<int>(random() % static_cast<unsigned>(spread))));
      }
      model.check();
    }
    while (!model.empty()) model.pop();
    model.check();
  }
}

TEST_CASE("equal deadlines leave the timer heap in the order of arming") {
  aio::detail::TimerHeap heap;
  std::vector<Node> nodes(100);
  for (Node& node : nodes) heap.arm(node, at(7));
  heap.disarm(nodes[50]);
  heap.arm(nodes[50], at(7));  // armed anew: it is the last now
  for (std::size_t i = 0; i < 100; ++i) {
    if (i != 50) CHECK(&heap.pop() == &nodes[i]);
  }
  CHECK(&heap.pop() == &nodes[50]);
}

TEST_CASE("[L19] a cancelled timer leaves the heap at once") {
  aio::EventLoop loop;
  int alive = 0;
  std::vector<aio::TimerHandle> handles;
  for (int i = 0; i < 1000; ++i) {
    handles.push_back(loop.call_later(1h + 1s * i, [counted = Counted(alive)] {}));
  }
  CHECK(loop.state().timers.size() == 1000);
  for (int i = 0; i < 999; ++i) handles[static_cast<std::size_t>(i * 7 % 1000)].cancel();
  CHECK(loop.state().timers.size() == 1);
  CHECK(alive == 1);
}

TEST_CASE("a timer handle knows when it is due") {
  aio::EventLoop loop;
  const auto when = loop.time() + 1h;
  CHECK(loop.call_at(when, [] {}).when() == when);
  const auto before = loop.time();
  const auto handle = loop.call_later(1h, [] {});
  CHECK(handle.when() >= before + 1h);
  CHECK(handle.when() <= loop.time() + 1h);
}

TEST_CASE("a delay beyond the end of time does not wrap around") {
  aio::EventLoop loop;
  bool ran = false;
  const auto handle = loop.call_later(std::chrono::hours::max(), [&] { ran = true; });
  CHECK(handle.when() == aio::TimePoint::max());
  loop.call_later(1us, [&] { loop.stop(); });
  loop.run_forever();
  CHECK_FALSE(ran);
}

namespace {

constexpr std::array<aio::Duration, 12> delays{1us,    10us,      50us,   100us, 333us, 999us,
                                               1000us, 1ms + 1ns, 2500us, 5ms,   20ms,  100ms};

aio::Coro<void> sleep_and_look(aio::Duration delay, int times) {
  for (int i = 0; i < times; ++i) {
    const auto start = aio::Clock::now();
    co_await aio::sleep(delay);
    const auto slept = aio::Clock::now() - start;
    REQUIRE(slept >= delay);
  }
}

aio::Coro<void> keep_busy(const bool& done) {
  while (!done) co_await aio::sleep(0);
}

aio::Coro<void> sleep_all(bool busy) {
  bool done = false;
  std::vector<aio::Task<>> tasks;
  for (const aio::Duration delay : delays) {
    const int times = static_cast<int>(std::clamp<std::int64_t>(100ms / delay, 1, 30));
    tasks.push_back(aio::create_task(sleep_and_look(delay, times)));
  }
  const auto spinner = aio::create_task(keep_busy(done));
  if (!busy) done = true;
  co_await aio::gather(std::move(tasks));
  done = true;
  co_await spinner;
}

aio::Coro<void> tick(aio::Duration interval, int count) {
  aio::EventLoop& loop = aio::get_running_loop();
  const auto start = loop.time();
  for (int k = 1; k <= count; ++k) {
    co_await aio::sleep(start + k * interval - loop.time());
    REQUIRE(loop.time() >= start + k * interval);
  }
}

aio::Coro<void> sleep_ever_less() {
  aio::Duration delay = 10ms;
  for (int i = 0; i < 9; ++i) {
    co_await aio::sleep(delay);
    delay /= 10;
  }
}

}  // namespace

TEST_CASE("[L17] a sleep is never early on an idle loop") { aio::run(sleep_all(false)); }

TEST_CASE("[L17] a sleep is never early on a busy loop") { aio::run(sleep_all(true)); }

TEST_CASE("[L17] a sleep alone is never early") {
  for (const aio::Duration delay : {aio::Duration(700us), aio::Duration(3ms)}) {
    aio::run(sleep_and_look(delay, 20));
  }
}

TEST_CASE("tick k is never before start + k times the interval") { aio::run(tick(700us, 200)); }

TEST_CASE("a sleep is never early where the system has no precise timer") {
  for (const bool busy : {false, true}) {
    aio::EventLoop loop;
    aio::detail::core_of(loop.state()).poller.use_portable_alarm();
    loop.run_until_complete(sleep_all(busy));
    loop.run_until_complete(tick(700us, 20));
  }
}

TEST_CASE("a deadline waits for the next one only if that is near and timers were due just now") {
  aio::EventLoop loop;
  const auto& core = aio::detail::core_of(loop.state());
  CHECK(core.next_alarm() == std::nullopt);
  const auto due = loop.time() + 1ms;
  loop.call_at(due, [&] {
    CHECK(core.next_alarm() == std::nullopt);
    const auto last = loop.call_at(due + 1h, [] {});
    CHECK(core.next_alarm() == due + 1h);
    const auto first = loop.call_at(due + 50us, [] {});
    CHECK(core.next_alarm() == due + 50us);  // nobody is to share its wake-up
    const auto second = loop.call_at(due + 60us, [] {});
    CHECK(core.next_alarm() >= due + 200us);
    second.cancel();
    CHECK(core.next_alarm() == due + 50us);
    first.cancel();
    last.cancel();
    loop.stop();
  });
  CHECK(core.next_alarm() == due);
  loop.run_forever();
}

namespace {

struct Wakes {
  std::int64_t count;  // turns in which timers were called
  aio::Duration elapsed;
};

Wakes wakes_of_timers(int timers, aio::Duration apart) {
  aio::EventLoop loop;
  std::vector<std::uint64_t> turns;
  const auto start = loop.time();
  for (int i = 1; i <= timers; ++i) {
    loop.call_at(start + i * apart, [&] { turns.push_back(loop.turn_count()); });
  }
  loop.call_at(start + (timers + 1) * apart, [&] { loop.stop(); });
  loop.run_forever();
  const auto elapsed = loop.time() - start;
  REQUIRE(turns.size() == static_cast<std::size_t>(timers));
  return {std::distance(turns.begin(), std::unique(turns.begin(), turns.end())), elapsed};
}

}  // namespace

// Of three timers that are 20 us apart two are always within the time that they share.
TEST_CASE("timers that crowd become due together") {
  const Wakes wakes = wakes_of_timers(2000, 20us);
  CHECK(wakes.count <= wakes.elapsed / 200us + 2);
}

TEST_CASE("after a wake for many the next for many comes later") {
  const Wakes wakes = wakes_of_timers(20'000, 1us);
  CHECK(wakes.count <= wakes.elapsed / 500us + 3);
}

TEST_CASE("[L18] ever shorter sleeps in a row cost few turns") {
  aio::EventLoop loop;
  const auto before = loop.turn_count();
  loop.run_until_complete(sleep_ever_less());
  CHECK(loop.turn_count() - before <= 20);
}

namespace {

/// So long that the loop does not take it for a short step.
void take_long(const aio::EventLoop& loop) {
  const auto end = loop.time() + 200us;
  while (loop.time() < end) continue;
}

/// How many long steps are taken until a timer is seen that is due after the first.
aio::Coro<int> count_steps_until_due() {
  aio::EventLoop& loop = aio::get_running_loop();
  bool due = false;
  loop.call_later(100us, [&due] { due = true; });
  int steps = 0;
  while (!due) {
    take_long(loop);
    co_await aio::sleep(0);
    ++steps;
  }
  co_return steps;
}

/// The same after a short step among long ones; after many short ones.
aio::Coro<int> count_steps_among_long_ones() {
  aio::EventLoop& loop = aio::get_running_loop();
  for (int i = 0; i < 20; ++i) {
    take_long(loop);
    co_await aio::sleep(0);
  }
  co_await aio::sleep(0);
  co_return co_await count_steps_until_due();
}

aio::Coro<int> count_steps_after_short_ones() {
  for (int i = 0; i < 1000; ++i) co_await aio::sleep(0);
  co_return co_await count_steps_until_due();
}

}  // namespace

TEST_CASE("a short step among long ones does not keep timers out for many of those") {
  for (int round = 0; round < 10; ++round) CHECK(aio::run(count_steps_among_long_ones()) <= 4);
}

TEST_CASE("long steps after many short ones keep timers out for eight of those at most") {
  for (int round = 0; round < 10; ++round) CHECK(aio::run(count_steps_after_short_ones()) <= 8 + 2);
}

TEST_CASE("a thread that is no ordinary one gets no prompt wakes and stays as it is") {
  std::thread([] {
    const sched_param none{};
    REQUIRE(sched_setscheduler(0, SCHED_BATCH, &none) == 0);
    CHECK_FALSE(aio::request_prompt_wakes());
    CHECK(sched_getscheduler(0) == SCHED_BATCH);
  }).join();
}

TEST_CASE("a thread that asks for prompt wakes keeps its priority, and is told the same again") {
  std::thread([] {
    const int priority = getpriority(PRIO_PROCESS, 0);
    const int policy = sched_getscheduler(0);
    const bool granted = aio::request_prompt_wakes();
    CHECK(aio::request_prompt_wakes() == granted);
    CHECK(getpriority(PRIO_PROCESS, 0) == priority);
    CHECK((sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) == policy);
  }).join();
}
