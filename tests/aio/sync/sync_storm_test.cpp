#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "aio/sleep.hpp"
#include "aio/sync.hpp"
#include "aio/testing.hpp"
#include "aio/wait.hpp"

// Tasks that contend for locks, semaphores and conditions, cancelled at random. Whatever happens,
// mutual exclusion holds, nobody is overtaken, and in the end all is released.

using namespace std::chrono_literals;
using aio::CancelledError;
using aio::Coro;

namespace {

constexpr int cancels = 2'500;
constexpr std::size_t workers = 12;

class Storm {
 public:
  explicit Storm(unsigned seed) : random_(seed) {}

  int below(int end) { return std::uniform_int_distribution(0, end - 1)(random_); }
  Coro<void> pause() {
    for (int i = below(3); i > 0; --i) co_await aio::sleep(0);
    if (below(8) == 0) co_await aio::sleep(below(5) * 1ms);
  }

  bool over = false;
  int cancels_seen = 0;

 private:
  std::mt19937 random_;
};

/// Who waits, in the order of coming, so that whoever gets through is seen to be the first.
class Order {
 public:
  explicit Order(std::size_t count) : tickets_(count) {}

  void come(std::size_t worker) { live_.insert(tickets_[worker] = ++last_); }
  void leave(std::size_t worker) { live_.erase(std::exchange(tickets_[worker], 0)); }
  bool is_first(std::size_t worker) const { return *live_.begin() == tickets_[worker]; }

 private:
  std::vector<int> tickets_;
  std::set<int> live_;
  int last_ = 0;
};

/// What is being contended for: how many are inside, and how many at most.
template <class M>
struct Contended {
  explicit Contended(int most_) : most(most_), order(workers) {}
  M* shared = nullptr;
  int inside = 0;
  int most;
  int passed = 0;
  Order order;
};

/// Counts those inside; left also by a cancellation.
class Inside {
 public:
  explicit Inside(int& count) : count_(count) { ++count_; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { --count_; }

 private:
  int& count_;
};

template <class M>
Coro<void> pass_through(Storm& storm, Contended<M>& contended, std::size_t worker) {
  contended.order.come(worker);
  const auto held = co_await contended.shared->scoped_lock();
  CHECK(contended.order.is_first(worker));
  contended.order.leave(worker);
  const Inside inside(contended.inside);
  CHECK(contended.inside <= contended.most);
  ++contended.passed;
  co_await storm.pause();
}

template <class M>
Coro<void> work(Storm& storm, Contended<M>& contended, std::size_t worker) {
  while (!storm.over) {
    try {
      co_await pass_through(storm, contended, worker);
      co_await storm.pause();
    } catch (const CancelledError&) {
      ++storm.cancels_seen;
    }
  }
}

/// Cancels workers at random, until they have seen enough; then ends them and sees them end.
template <class OnCancel>
Coro<void> rage(Storm& storm, const std::vector<aio::Task<>>& tasks, OnCancel on_cancel) {
  co_await aio::sleep(0);  // who is cancelled before it has begun never begins
  while (storm.cancels_seen < cancels) {
    const auto victim = static_cast<std::size_t>(storm.below(static_cast<int>(tasks.size())));
    tasks[victim].cancel();
    on_cancel(victim);
    if (storm.below(3) != 0) co_await storm.pause();
  }
  storm.over = true;
  const auto result = co_await aio::wait(tasks, 24h);
  CHECK(result.pending.empty());  // else a wake-up was lost
}

template <class M>
void run_storm(unsigned seed, M& shared, int most) {
  INFO("seed " << seed);
  Storm storm(seed);
  Contended<M> contended(most);
  contended.shared = &shared;
  aio::testing::run([&]() -> Coro<void> {
    std::vector<aio::Task<>> tasks;
    for (std::size_t i = 0; i < workers; ++i) {
      tasks.push_back(aio::create_task(work(storm, contended, i)));
    }
    // Who is cancelled while waiting is no longer in the row.
    const auto on_cancel = [&](std::size_t worker) { contended.order.leave(worker); };
    co_await rage(storm, tasks, on_cancel);
  });
  CHECK(storm.cancels_seen >= cancels);
  CHECK(contended.passed > 100);
  CHECK(contended.inside == 0);
}

/// Hands a token round: each notification lets one pass.
struct Tokens {
  aio::Condition condition;
  int there = 0;
  int made = 0;
  int taken = 0;
};

Coro<void> take_tokens(Storm& storm, Tokens& tokens) {
  while (!storm.over) {
    try {
      const auto held = co_await tokens.condition.scoped_lock();
      while (tokens.there == 0 && !storm.over) co_await tokens.condition.wait();
      CHECK(tokens.condition.locked());
      if (tokens.there > 0) {
        --tokens.there;
        ++tokens.taken;
      }
      co_await storm.pause();
    } catch (const CancelledError&) {
      ++storm.cancels_seen;
    }
  }
}

Coro<void> make_tokens(Storm& storm, Tokens& tokens) {
  while (!storm.over) {
    const auto held = co_await tokens.condition.scoped_lock();
    ++tokens.there;
    ++tokens.made;
    tokens.condition.notify();
    co_await storm.pause();
  }
  // Each token was told to one, so all are taken with no other notification.
  for (int i = 0; i < 100 && tokens.there > 0; ++i) co_await aio::sleep(1h);
  CHECK(tokens.there == 0);
}

}  // namespace

TEST_CASE("a lock survives thousands of random cancellations [K1][K2][K3]") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    aio::Lock lock;
    run_storm(seed, lock, 1);
    CHECK_FALSE(lock.locked());
  }
}

TEST_CASE("a semaphore survives thousands of random cancellations [K9]") {
  for (const unsigned seed : {4U, 5U, 6U}) {
    const int units = 1 + static_cast<int>(seed % 3);
    aio::BoundedSemaphore semaphore(units);
    run_storm<aio::Semaphore>(seed, semaphore, units);
    CHECK_FALSE(semaphore.locked());
    CHECK_THROWS_AS(semaphore.release(), aio::ValueError);  // all units are back
  }
}

TEST_CASE("a condition loses no notification in thousands of random cancellations [K5][K6]") {
  for (const unsigned seed : {7U, 8U, 9U}) {
    INFO("seed " << seed);
    Storm storm(seed);
    Tokens tokens;
    aio::testing::run([&]() -> Coro<void> {
      std::vector<aio::Task<>> tasks;
      for (std::size_t i = 0; i < workers; ++i) {
        tasks.push_back(aio::create_task(take_tokens(storm, tokens)));
      }
      Storm maker_storm(seed);
      const auto maker = aio::create_task(make_tokens(maker_storm, tokens));
      co_await aio::sleep(0);
      while (storm.cancels_seen < cancels) {
        tasks[static_cast<std::size_t>(storm.below(workers))].cancel();
        if (storm.below(3) != 0) co_await storm.pause();
      }
      maker_storm.over = true;
      co_await maker;
      storm.over = true;
      co_await tokens.condition.acquire();
      tokens.condition.notify_all();
      tokens.condition.release();
      const auto result = co_await aio::wait(tasks, 24h);
      CHECK(result.pending.empty());
    });
    CHECK(tokens.taken == tokens.made);
    CHECK(tokens.made > 100);
    CHECK_FALSE(tokens.condition.locked());
  }
}
