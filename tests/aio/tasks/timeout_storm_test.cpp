#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/coroutines.hpp"
#include "support/probe.hpp"

// Nested scopes, waits with a limit and shields, over sleeps and futures, cancelled at random from
// outside. Whatever happens, a scope is left by its deadline, gives back the cancellation that it
// made, and no other; every task ends, and every frame is destroyed once.

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using aio::Timeout;
using aio::TimeoutError;
using support::Counts;
using support::now;
using support::Probe;

namespace {

constexpr unsigned default_seed = 20'261'122;

/// From AIO_TEST_SEED, to try another one.
unsigned choose_seed() {
  const char* const given = std::getenv("AIO_TEST_SEED");
  return given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : default_seed;
}

class Storm {
 public:
  explicit Storm(unsigned seed) : random_(seed) {}

  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  /// Few different ones, so that many fall due together.
  aio::Duration delay() { return below(5) * 10ms; }

  Counts counts;
  int timeouts = 0;
  int values = 0;
  int cancels_seen = 0;
  std::map<std::string, unsigned> cancels;  // of each root, from outside

 private:
  std::mt19937 random_;
};

Coro<int> branch(Storm& storm, int depth, Probe probe);

/// A future that is set, or fails, or is cancelled, if somebody still waits for it then.
aio::Future<int> future_to_come(Storm& storm) {
  aio::EventLoop& loop = aio::get_running_loop();
  auto future = loop.create_future<int>();
  loop.call_later(storm.delay(), [future, how = storm.below(8)] {
    if (future.done()) return;
    if (how == 0) {
      future.set_exception(std::runtime_error("on purpose"));
    } else if (how == 1) {
      future.cancel("on purpose");
    } else {
      future.set_result(how);
    }
  });
  return future;
}

Coro<int> await_leaf(Storm& storm, Probe probe) {
  switch (storm.below(6)) {
    case 0: co_await aio::sleep(0); break;
    case 1: throw std::runtime_error("on purpose");
    case 2:
    case 3: co_return co_await future_to_come(storm);
    default: co_await aio::sleep(storm.delay());
  }
  co_return probe.value;
}

std::optional<aio::Duration> random_limit(Storm& storm) {
  switch (storm.below(8)) {
    case 0: return std::nullopt;
    case 1: return 0ms;
    case 2: return -5ms;
    default: return storm.delay();
  }
}

/// How a scope or a wait was left, against how it was entered.
class Visit {
 public:
  explicit Visit(Storm& storm) : storm_(storm) {}

  /// Nothing that is awaited here takes time over a cancellation.
  void check_time(std::optional<aio::TimePoint> deadline) const {
    if (deadline) CHECK(now() <= std::max(*deadline, entered_));
  }
  void check_value() const {
    ++storm_.values;
    CHECK(aio::current_task().cancelling() >= cancelling_);
  }
  void check_timeout() const {
    ++storm_.timeouts;
    CHECK(aio::current_task().cancelling() == cancelling_);
  }
  bool is_cancelled_by_another() const { return aio::current_task().cancelling() > cancelling_; }

 private:
  Storm& storm_;
  aio::TimePoint entered_ = now();
  unsigned cancelling_ = aio::current_task().cancelling();
};

/// `branch` throws no TimeoutError: here it is always the scope's.
Coro<int> await_scope(Storm& storm, int depth, Probe probe) {
  const auto body = [&storm, depth, probe](Timeout& scope) -> Coro<int> {
    if (storm.below(4) == 0) scope.reschedule(now() + storm.delay());
    co_return co_await branch(storm, depth, probe);
  };
  const Visit visit(storm);
  const auto limit = random_limit(storm);
  Timeout scope = aio::timeout(limit);
  int value = 0;
  try {
    value = co_await aio::with(scope, body);
    visit.check_value();
  } catch (const TimeoutError&) {
    CHECK(scope.expired());
    visit.check_timeout();
  } catch (const CancelledError&) {
    visit.check_time(scope.when());
    CHECK((!scope.expired() || visit.is_cancelled_by_another()));
    throw;
  }
  visit.check_time(scope.when());
  co_return value;
}

Coro<int> awaited_with_limit(Storm& storm, int depth, Probe probe,
                             std::optional<aio::Duration> limit) {
  switch (storm.below(4)) {
    case 0: co_return co_await aio::wait_for(future_to_come(storm), limit);
    case 1: co_return co_await aio::wait_for(branch(storm, depth, probe), limit);
    case 2: {
      auto shielded = aio::shield(branch(storm, depth, probe));
      co_return co_await aio::wait_for(std::move(shielded), limit);
    }
    default: {
      auto task = aio::create_task(branch(storm, depth, probe));
      co_return co_await aio::wait_for(std::move(task), limit);
    }
  }
}

Coro<int> await_wait_for(Storm& storm, int depth, Probe probe) {
  const Visit visit(storm);
  const auto limit = random_limit(storm);
  std::optional<aio::TimePoint> deadline;
  if (limit) deadline = now() + *limit;
  int value = 0;
  try {
    value = co_await awaited_with_limit(storm, depth, probe, limit);
    visit.check_value();
  } catch (const TimeoutError&) {
    visit.check_timeout();
  } catch (const CancelledError&) {
    visit.check_time(deadline);
    throw;
  }
  visit.check_time(deadline);
  co_return value;
}

/// Lets cancellations pass at once, and nothing else.
Coro<int> branch(Storm& storm, int depth, Probe probe) {
  const Probe local(probe);
  try {
    switch (depth == 0 ? 7 : storm.below(8)) {
      case 0:
      case 1:
      case 2: co_return co_await await_scope(storm, depth - 1, probe);
      case 3:
      case 4: co_return co_await await_wait_for(storm, depth - 1, probe);
      case 5: co_return co_await aio::shield(branch(storm, depth - 1, probe));
      default: co_return co_await await_leaf(storm, probe);
    }
  } catch (const std::runtime_error&) {
  }
  co_return local.value;
}

/// Swallows cancellations, between steps. Each that was asked for from outside must still count.
Coro<void> root(Storm& storm, Probe probe) {
  const int steps = 1 + storm.below(4);
  const std::string name = aio::current_task().get_name();
  for (int i = 0; i < steps; ++i) {
    try {
      static_cast<void>(co_await branch(storm, 4, probe));
    } catch (const CancelledError&) {
      ++storm.cancels_seen;
      if (storm.below(4) == 0) throw;
    }
    CHECK(aio::current_task().cancelling() == storm.cancels[name]);
  }
}

Coro<void> cancel_at_random(Storm& storm, int cancels) {
  std::vector<aio::Task<void>> roots;
  while (cancels > 0) {
    std::erase_if(roots, [](const auto& task) { return task.done(); });
    while (roots.size() < 20)
      roots.push_back(aio::create_task(root, std::ref(storm), Probe(storm.counts)));
    const auto& victim =
        roots[static_cast<std::size_t>(storm.below(static_cast<int>(roots.size())))];
    if (victim.cancel()) {
      ++storm.cancels[victim.get_name()];
      --cancels;
    }
    if (storm.below(3) == 0) co_await aio::sleep(storm.delay());
  }
  co_await aio::sleep(1h);
}

}  // namespace

TEST_CASE("random cancels of nested timeouts and waits and shields lose and invent nothing") {
  const unsigned seed = choose_seed();
  INFO("AIO_TEST_SEED=" << seed);
  Storm storm(seed);
  {
    aio::EventLoop loop(aio::testing::virtual_time);
    loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
    loop.run_until_complete(cancel_at_random(storm, 4'000));
    CHECK(loop.state().timers.empty());
    CHECK(aio::all_tasks(loop).empty());
  }
  CHECK(storm.cancels_seen > 500);
  CHECK(storm.timeouts > 500);
  CHECK(storm.values > 500);
  CHECK(storm.counts.made > 500);
  CHECK(storm.counts.alive() == 0);
}

TEST_CASE("a loop that is closed in the middle of scopes and shields ends them all") {
  const unsigned seed = choose_seed();
  INFO("AIO_TEST_SEED=" << seed);
  Storm storm(seed);
  {
    aio::EventLoop loop(aio::testing::virtual_time);
    loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
    for (int i = 0; i < 300; ++i) {
      static_cast<void>(loop.create_task(branch(storm, 5, Probe(storm.counts))));
    }
    loop.run_until_complete(aio::sleep(5ms));
    CHECK_FALSE(aio::all_tasks(loop).empty());
  }
  CHECK(storm.counts.alive() == 0);
}
