#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/probe.hpp"

// Tasks of every kind, cancelled at random. Whatever happens, each must end, and each frame and
// argument must be destroyed exactly once; a sanitizer sees the rest.

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using support::Counts;
using support::Probe;

namespace {

/// From AIO_TEST_SEED, to repeat a run, or new for each.
unsigned choose_seed() {
  const char* const given = std::getenv("AIO_TEST_SEED");
  return given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
}

class Storm {
 public:
  explicit Storm(unsigned seed) : random_(seed) {}

  int below(int end) { return std::uniform_int_distribution(0, end - 1)(random_); }
  aio::Duration delay() { return below(4) == 0 ? 0ms : below(20) * 1ms; }

  Counts counts;
  int cancels_seen = 0;

 private:
  std::mt19937 random_;
};

Coro<int> work(Storm& storm, int depth, Probe probe);

Coro<int> branch(Storm& storm, int depth) {
  return work(storm, depth - 1, Probe(storm.counts, depth));
}

Coro<void> await_future(Storm& storm) {
  aio::EventLoop& loop = aio::get_running_loop();
  const auto future = loop.create_future<int>();
  loop.call_later(storm.delay(), [future] {
    if (!future.done()) future.set_result(1);
  });
  static_cast<void>(co_await future);
}

Coro<void> await_group(Storm& storm, int depth) {
  const auto one = aio::create_task(branch(storm, depth));
  const auto other = aio::create_task(branch(storm, depth));
  if (storm.below(2) == 0) {
    const auto both = co_await aio::gather(one, other, branch(storm, depth), one);
    CHECK(std::get<0>(both) == std::get<3>(both));
    co_return;
  }
  const std::vector<aio::Task<int>> tasks{one, other};
  const auto when = static_cast<aio::ReturnWhen>(storm.below(3));
  const auto result = co_await aio::wait(tasks, storm.delay(), when);
  CHECK(result.done.size() + result.pending.size() == 2);
}

Coro<void> step(Storm& storm, int depth) {
  switch (depth == 0 ? storm.below(3) : storm.below(8)) {
    case 0: co_await aio::sleep(storm.delay()); break;
    case 1: co_await await_future(storm); break;
    case 2: aio::current_task().cancel(); break;
    case 3: static_cast<void>(co_await branch(storm, depth)); break;
    case 4: static_cast<void>(co_await aio::create_task(branch(storm, depth))); break;
    case 5: throw std::runtime_error("on purpose");
    default: co_await await_group(storm, depth);
  }
}

/// A few steps; often swallows what they throw, cancellations included.
Coro<int> work(Storm& storm, int depth, Probe probe) {
  const Probe local(probe);
  const int steps = 1 + storm.below(3);
  for (int i = 0; i < steps; ++i) {
    try {
      co_await step(storm, depth);
    } catch (const CancelledError&) {
      ++storm.cancels_seen;
      if (storm.below(3) != 0) throw;
      if (storm.below(2) == 0) static_cast<void>(aio::current_task().uncancel());
    } catch (const std::runtime_error&) {
      if (storm.below(3) == 0) throw;
    }
  }
  co_return probe.value;
}

Coro<void> cancel_at_random(Storm& storm, int cancels) {
  while (cancels > 0) {
    const auto tasks = aio::all_tasks();
    if (tasks.size() < 50) static_cast<void>(aio::create_task(branch(storm, 4)));
    const auto& victim =
        tasks[static_cast<std::size_t>(storm.below(static_cast<int>(tasks.size())))];
    if (victim != aio::current_task()) {
      victim.cancel();
      --cancels;
    }
    if (storm.below(4) == 0) co_await aio::sleep(storm.delay());
  }
  while (aio::all_tasks().size() > 1) co_await aio::sleep(1ms);
}

}  // namespace

TEST_CASE("after thousands of random cancellations every task has ended and nothing is left") {
  const unsigned seed = choose_seed();
  MESSAGE("AIO_TEST_SEED=" << seed);
  Storm storm(seed);
  {
    aio::EventLoop loop(aio::testing::virtual_time);
    loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
    loop.run_until_complete(cancel_at_random(storm, 5'000));
    CHECK(loop.state().timers.size() < 1'000);  // of futures that nobody awaits any more
    CHECK(aio::all_tasks(loop).empty());
  }
  CHECK(storm.cancels_seen > 1'000);
  CHECK(storm.counts.made > 1'000);
  CHECK(storm.counts.alive() == 0);
}

TEST_CASE("a loop that is closed in the middle of a storm ends all tasks too") {
  const unsigned seed = choose_seed();
  MESSAGE("AIO_TEST_SEED=" << seed);
  Storm storm(seed);
  {
    aio::EventLoop loop(aio::testing::virtual_time);
    loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
    for (int i = 0; i < 500; ++i) static_cast<void>(loop.create_task(branch(storm, 3)));
    loop.run_until_complete(aio::sleep(5ms));
    CHECK_FALSE(aio::all_tasks(loop).empty());
  }
  CHECK(storm.counts.alive() == 0);
}
