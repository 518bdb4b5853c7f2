#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/probe.hpp"

// Groups in groups, whose tasks are cancelled at random from outside, and fail, refuse, start
// others and end their groups as they like. Whatever happens: no scope ends before its children,
// no group leaves a cancellation behind or takes one away, and everything is destroyed once.

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;
using aio::TaskGroup;
using support::Counts;
using support::Probe;

namespace {

class Storm {
 public:
  explicit Storm(unsigned seed) : random_(seed) {}

  int below(int end) { return std::uniform_int_distribution(0, end - 1)(random_); }
  bool one_in(int count) { return below(count) == 0; }
  aio::Duration delay() { return one_in(4) ? 0ms : below(20) * 1ms; }

  Counts counts;
  int cancels = 0;       // asked for from outside
  int groups_ended = 0;  // without an error
  int groups_failed = 0;
  int groups_cancelled = 0;
  std::map<const aio::detail::FutureBase*, unsigned> cancels_of_roots;

 private:
  std::mt19937 random_;
};

/// One of the tasks in a scope, for as long as it is alive.
class Presence {
 public:
  explicit Presence(int& present) : present_(present) { ++present_; }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;
  ~Presence() { --present_; }

 private:
  int& present_;
};

Coro<void> nest(Storm& storm, int depth);

Coro<void> child(Storm& storm, TaskGroup group, int depth, int& present, Probe probe);

void start_child(Storm& storm, const TaskGroup& group, int depth, int& present) {
  const auto options = aio::TaskOptions().eager_start(storm.one_in(3));
  try {
    group.create_task(child(storm, group, depth, present, Probe(storm.counts)), options);
  } catch (const aio::RuntimeError&) {  // the group is ending
  }
}

Coro<void> step(Storm& storm, TaskGroup& group, int depth, int& present) {
  switch (storm.below(depth > 0 ? 8 : 5)) {
    case 0: throw std::runtime_error("on purpose");
    case 1: start_child(storm, group, depth, present); break;
    case 2:
      if (storm.one_in(3)) group.cancel();
      break;
    case 3:
    case 4: co_await aio::sleep(storm.delay()); break;
    default: co_await nest(storm, depth - 1);
  }
}

/// A few steps; sometimes swallows what they throw, cancellations included.
Coro<void> some_steps(Storm& storm, TaskGroup group, int depth, int& present) {
  const int steps = 1 + storm.below(3);
  for (int i = 0; i < steps; ++i) {
    try {
      co_await step(storm, group, depth, present);
    } catch (const CancelledError&) {
      if (!storm.one_in(4)) throw;
    } catch (const std::exception&) {
      if (storm.one_in(2)) throw;
    }
  }
}

Coro<void> child(Storm& storm, TaskGroup group, int depth, int& present, Probe probe) {
  const Presence presence(present);
  const Probe local(probe);
  co_await some_steps(storm, group, depth, present);
}

/// A group, its children, and what has to hold at its end.
Coro<void> nest(Storm& storm, int depth) {
  int present = 0;
  const auto body = [&storm, &present, depth](TaskGroup& group) -> Coro<void> {
    const int children = storm.below(4);
    for (int i = 0; i < children; ++i) start_child(storm, group, depth, present);
    co_await some_steps(storm, group, depth, present);
  };
  try {
    co_await aio::with(TaskGroup(), body);
    ++storm.groups_ended;
  } catch (const CancelledError&) {
    ++storm.groups_cancelled;
    CHECK(present == 0);
    CHECK(aio::current_task().cancelling() > 0);  // somebody asked for it
    throw;
  } catch (const aio::ExceptionGroup& group) {
    ++storm.groups_failed;
    CHECK(present == 0);
    CHECK_FALSE(group.subgroup<CancelledError>().has_value());
    throw;
  }
  CHECK(present == 0);
}

/// A task that belongs to no group: it can only be cancelled from outside.
Coro<void> root(Storm& storm) {
  const auto* const self = aio::current_task().state().get();
  for (int i = 0; i < 3; ++i) {
    try {
      co_await nest(storm, 3);
    } catch (const CancelledError&) {
      CHECK(storm.cancels_of_roots[self] > 0);
    } catch (const aio::ExceptionGroup&) {
    }
    CHECK(aio::current_task().cancelling() == storm.cancels_of_roots[self]);
  }
  storm.cancels_of_roots.erase(self);
}

Coro<void> cancel_at_random(Storm& storm, int cancels) {
  const auto self = aio::current_task();
  while (storm.cancels < cancels) {
    if (aio::all_tasks().size() < 60) {
      const auto started = aio::create_task(root(storm), "root");
      storm.cancels_of_roots[started.state().get()] = 0;
    }
    const auto tasks = aio::all_tasks();
    const auto& victim =
        tasks[static_cast<std::size_t>(storm.below(static_cast<int>(tasks.size())))];
    if (victim != self) {
      victim.cancel("storm");
      ++storm.cancels;
      const auto place = storm.cancels_of_roots.find(victim.state().get());
      if (place != storm.cancels_of_roots.end()) ++place->second;
    }
    if (storm.one_in(4)) co_await aio::sleep(storm.delay());
  }
  while (aio::all_tasks().size() > 1) co_await aio::sleep(1ms);
}

}  // namespace

TEST_CASE("after thousands of random cancellations of nested groups all accounts are even [P13]") {
  for (const unsigned seed : {1U, 20U, 300U, 4000U}) {
    CAPTURE(seed);
    Storm storm(seed);
    {
      aio::EventLoop loop(aio::testing::virtual_time);
      loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
      loop.run_until_complete(cancel_at_random(storm, 1'000));
      CHECK(aio::all_tasks(loop).empty());
    }
    CHECK(storm.groups_ended > 100);
    CHECK(storm.groups_failed > 100);
    CHECK(storm.groups_cancelled > 100);
    CHECK(storm.counts.alive() == 0);
  }
}

TEST_CASE("a loop that is closed in the middle of a storm of groups ends them all too") {
  for (const unsigned seed : {5U, 60U}) {
    CAPTURE(seed);
    Storm storm(seed);
    {
      aio::EventLoop loop(aio::testing::virtual_time);
      loop.set_exception_handler([](aio::EventLoop&, const aio::ExceptionContext&) {});
      for (int i = 0; i < 100; ++i) static_cast<void>(loop.create_task(nest(storm, 3)));
      loop.run_until_complete(aio::sleep(3ms));
      CHECK_FALSE(aio::all_tasks(loop).empty());
    }
    CHECK(storm.counts.alive() == 0);
  }
}
