#include "aio/barrier.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aio/testing.hpp"
#include "aio/with.hpp"
#include "support/await.hpp"

using aio::Barrier;
using aio::BrokenBarrierError;
using aio::Coro;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

using Indices = std::vector<std::size_t>;

Coro<void> wait_at(Barrier& barrier, Indices& indices) {
  const std::size_t index = co_await barrier.wait();
  indices.push_back(index);
}

/// `count` tasks that have begun to wait at the barrier.
Coro<std::vector<aio::Task<Outcome>>> waiting_at(Barrier& barrier, int count) {
  std::vector<aio::Task<Outcome>> tasks;
  for (int i = 0; i < count; ++i) tasks.push_back(aio::create_task(outcome_of(barrier.wait())));
  co_await turns(2);
  co_return tasks;
}

bool all_broken(const std::vector<aio::Task<Outcome>>& tasks) {
  return std::all_of(tasks.begin(), tasks.end(), [](const auto& task) {
    return task.done() && task.result().template threw<BrokenBarrierError>();
  });
}

}  // namespace

TEST_CASE("a barrier for fewer than one is a ValueError [K11]") {
  CHECK_THROWS_AS(Barrier(0), aio::ValueError);
  CHECK_THROWS_AS(Barrier(-5), aio::ValueError);
  const Barrier barrier(3);
  CHECK(barrier.parties() == 3);
  CHECK(barrier.n_waiting() == 0);
  CHECK_FALSE(barrier.broken());
}

TEST_CASE("wait gives each of a round its own number in the order of coming [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(3);
    Indices indices;
    std::vector<aio::Task<>> tasks;
    for (int i = 0; i < 2; ++i) tasks.push_back(aio::create_task(wait_at(barrier, indices)));
    co_await turns(3);
    CHECK(indices.empty());
    CHECK(barrier.n_waiting() == 2);
    const auto turn = aio::get_running_loop().turn_count();
    const std::size_t last = co_await barrier.wait();
    CHECK(last == 2);
    CHECK(aio::get_running_loop().turn_count() == turn);  // the last one does not wait
    co_await aio::gather(tasks);
    CHECK(indices == Indices{0, 1});
  });
}

TEST_CASE("a barrier for one lets everyone pass at once [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(1);
    for (int i = 0; i < 3; ++i) {
      const std::size_t index = co_await barrier.wait();
      CHECK(index == 0);
    }
  });
}

TEST_CASE("a barrier is reusable for as many rounds as there are tasks [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(3);
    Indices indices;
    std::vector<aio::Task<>> tasks;
    for (int i = 0; i < 12; ++i) tasks.push_back(aio::create_task(wait_at(barrier, indices)));
    co_await aio::gather(tasks);
    REQUIRE(indices.size() == 12);
    for (std::size_t round = 0; round < 4; ++round) {
      Indices numbers(indices.begin() + static_cast<std::ptrdiff_t>(round * 3),
                      indices.begin() + static_cast<std::ptrdiff_t>(round * 3 + 3));
      std::sort(numbers.begin(), numbers.end());
      CHECK(numbers == Indices{0, 1, 2});
    }
    CHECK(barrier.n_waiting() == 0);
    CHECK_FALSE(barrier.broken());
  });
}

TEST_CASE("a cancelled waiter no longer counts and the barrier is usable [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(3);
    const auto cancelled = aio::create_task(outcome_of(barrier.wait()));
    Indices indices;
    std::vector<aio::Task<>> tasks{aio::create_task(wait_at(barrier, indices))};
    co_await turns(1);
    CHECK(barrier.n_waiting() == 2);
    cancelled.cancel();
    const Outcome outcome = co_await cancelled;
    CHECK(outcome.cancelled.has_value());
    CHECK(barrier.n_waiting() == 1);
    for (int i = 0; i < 2; ++i) tasks.push_back(aio::create_task(wait_at(barrier, indices)));
    co_await aio::gather(tasks);
    std::sort(indices.begin(), indices.end());
    CHECK(indices == Indices{0, 1, 2});  // none twice
    CHECK(barrier.n_waiting() == 0);
  });
}

TEST_CASE("a waiter cancelled after its round was full holds up nobody [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(2);
    const auto tasks = co_await waiting_at(barrier, 1);
    const auto late = aio::create_task(barrier.wait());  // runs while the round goes on
    static_cast<void>(co_await barrier.wait());
    tasks[0].cancel();
    co_await turns(3);
    CHECK(tasks[0].result().cancelled.has_value());
    CHECK(barrier.n_waiting() == 1);
    const std::size_t index = co_await barrier.wait();
    CHECK(index == 1);
    const std::size_t other = co_await late;
    CHECK(other == 0);
  });
}

TEST_CASE("who comes while a round goes on is blocked until it has gone on [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(2);
    const auto round = co_await waiting_at(barrier, 1);
    static_cast<void>(co_await barrier.wait());
    CHECK(barrier.n_waiting() == 0);  // one has not gone on yet
    const auto blocked = aio::create_task(outcome_of(barrier.wait()));
    const auto body = [](Barrier& full, const aio::Task<Outcome>& last) -> Coro<bool> {
      static_cast<void>(co_await full.wait());
      co_return last.done();
    };
    // Two who come now would fill a round, were they not to wait for the last one.
    const bool last_had_gone_on = co_await body(barrier, round[0]);
    CHECK(last_had_gone_on);
    co_await blocked;
    CHECK(blocked.result().returned);
    CHECK(barrier.n_waiting() == 0);
  });
}

TEST_CASE("reset breaks those who wait and then the barrier works again [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(3);
    const auto tasks = co_await waiting_at(barrier, 2);
    CHECK(barrier.n_waiting() == 2);
    co_await barrier.reset();
    CHECK(barrier.n_waiting() == 0);
    CHECK_FALSE(barrier.broken());
    const auto late = aio::create_task(outcome_of(barrier.wait()));  // while they are woken
    co_await turns(1);
    CHECK(all_broken(tasks));
    co_await turns(3);
    CHECK(barrier.n_waiting() == 1);
    const auto others = co_await waiting_at(barrier, 2);
    co_await turns(2);
    CHECK(late.result().returned);
    CHECK(others[0].result().returned);
    CHECK(others[1].result().returned);
  });
}

TEST_CASE("reset of a barrier where nobody waits changes nothing [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(2);
    co_await barrier.reset();
    CHECK_FALSE(barrier.broken());
    const auto tasks = co_await waiting_at(barrier, 2);
    CHECK(tasks[0].result().returned);
    CHECK(tasks[1].result().returned);
  });
}

TEST_CASE("reset breaks a full round that has not gone on yet and keeps who is blocked [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(2);
    const auto round = co_await waiting_at(barrier, 1);
    // Both run after the round is full and before its first one goes on.
    const auto blocked = aio::create_task(outcome_of(barrier.wait()));
    const auto reset = aio::create_task(barrier.reset());
    const std::size_t index = co_await barrier.wait();
    CHECK(index == 1);
    co_await turns(3);
    CHECK(reset.done());
    CHECK(all_broken(round));
    CHECK_FALSE(blocked.done());
    CHECK(barrier.n_waiting() == 1);
    static_cast<void>(co_await barrier.wait());
    co_await blocked;
    CHECK(blocked.result().returned);
  });
}

TEST_CASE("abort breaks those who wait or come until the barrier is reset [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(3);
    const auto tasks = co_await waiting_at(barrier, 2);
    co_await barrier.abort();
    CHECK(barrier.broken());
    CHECK(barrier.n_waiting() == 0);
    const Outcome late = co_await outcome_of(barrier.wait());
    CHECK(late.threw<BrokenBarrierError>());
    CHECK(late.threw<aio::RuntimeError>());
    co_await turns(3);
    CHECK(all_broken(tasks));
    CHECK(barrier.broken());
    co_await barrier.reset();
    CHECK_FALSE(barrier.broken());
    const auto again = co_await waiting_at(barrier, 3);
    co_await turns(2);
    for (const auto& task : again) CHECK(task.result().returned);
  });
}

TEST_CASE("abort breaks a full round that has not gone on yet and who is blocked [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(2);
    const auto round = co_await waiting_at(barrier, 1);
    // Both run after the round is full and before its first one goes on.
    const auto blocked = aio::create_task(outcome_of(barrier.wait()));
    const auto abort = aio::create_task(barrier.abort());
    static_cast<void>(co_await barrier.wait());
    co_await turns(3);
    CHECK(all_broken({round[0], blocked}));
    CHECK(abort.done());
    CHECK(barrier.broken());
  });
}

TEST_CASE("abort and reset at once break those who wait and then the barrier works [K11]") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(2);
    const auto tasks = co_await waiting_at(barrier, 1);
    co_await barrier.abort();
    co_await barrier.reset();
    CHECK_FALSE(barrier.broken());
    co_await turns(2);
    CHECK(all_broken(tasks));
    const auto again = co_await waiting_at(barrier, 2);
    CHECK(again[0].result().returned);
    CHECK(again[1].result().returned);
  });
}

TEST_CASE("with waits at a barrier before its body") {
  aio::testing::run([]() -> Coro<void> {
    Barrier barrier(2);
    std::string order;
    const auto body = [](Barrier& at, std::string& noted) -> Coro<void> {
      const auto inside = [&noted]() -> Coro<void> {
        noted += 'b';
        co_return;
      };
      co_await aio::with(at, inside);
    };
    const auto task = aio::create_task(body, std::ref(barrier), std::ref(order));
    co_await turns(3);
    CHECK(order.empty());
    static_cast<void>(co_await barrier.wait());
    co_await task;
    CHECK(order == "b");
  });
}

TEST_CASE("a barrier may be destroyed while tasks wait at it") {
  aio::testing::run([]() -> Coro<void> {
    std::optional<Barrier> barrier(std::in_place, 3);
    const auto tasks = co_await waiting_at(*barrier, 2);
    barrier.reset();
    co_await turns(2);
    CHECK_FALSE(tasks[0].done());
    tasks[0].cancel();
    const Outcome outcome = co_await tasks[0];
    CHECK(outcome.cancelled.has_value());
  });
}
