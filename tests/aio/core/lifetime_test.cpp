#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "aio/aio.hpp"
#include "aio/testing.hpp"
#include "support/probe.hpp"

// GCC 12 destroys some temporaries of an expression with co_await twice. The library's own call
// forms are made so that theirs are not among them; each is tried here with temporaries that count.
// A callable with captures is named first, which is the rule for users of such compilers.

using namespace std::chrono_literals;
using aio::Coro;
using support::Counts;
using support::MoveOnlyProbe;
using support::Probe;

namespace {

Coro<int> value_of(Probe probe) {
  co_await aio::sleep(0);
  co_return probe.value;
}

Coro<Probe> same(Probe probe) {
  co_await aio::sleep(0);
  co_return probe;
}

/// Runs `body(counts)` as a coroutine; nothing may be left alive, nor destroyed twice.
template <class Body>
void check_balance(Body body) {
  Counts counts;
  aio::testing::run(body, std::ref(counts));
  CHECK(counts.made > 0);
  CHECK(counts.alive() == 0);
}

/// A result of some size and alignment, which it can tell from its bytes whether it is whole.
template <std::size_t size, std::size_t alignment>
struct Sized {
  explicit Sized(Counts& counts) : probe(counts) { bytes.fill('x'); }
  bool is_whole() const {
    const bool is_aligned = reinterpret_cast<std::uintptr_t>(this) % alignment == 0;
    return is_aligned && std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 'x'; });
  }

  Probe probe;
  alignas(alignment) std::array<char, size> bytes;
};

template <class T>
Coro<T> make_result(Counts& counts) {
  co_return T(counts);
}

template <class T>
Coro<void> check_result(Counts& counts) {
  const auto task = aio::create_task(make_result<T>(counts), "maker");
  const auto shielded = aio::shield(task);
  const auto future = aio::get_running_loop().create_future<T>();
  CHECK_FALSE(future.done());
  future.set_result(T(counts));
  const T& made = co_await task;
  CHECK(made.is_whole());
  const T& same = co_await shielded;
  CHECK(same.is_whole());
  CHECK(future.result().is_whole());
  const auto [one, other] = co_await aio::gather(task, future);
  CHECK(one.is_whole());
  CHECK(other.is_whole());
  CHECK(task.get_name() == "maker");
  CHECK(task.cancelling() == 0);
}

}  // namespace

TEST_CASE("results of any size and alignment are kept whole and destroyed once") {
  check_balance([](Counts& counts) -> Coro<void> {
    co_await check_result<Sized<1, 1>>(counts);
    co_await check_result<Sized<16, 16>>(counts);
    co_await check_result<Sized<100, 64>>(counts);
    co_await check_result<Sized<5000, 8>>(counts);
    co_await check_result<Sized<700'000, 8>>(counts);
  });
}

TEST_CASE("temporaries of an awaited call are destroyed once") {
  check_balance([](Counts& counts) -> Coro<void> {
    const int value = co_await value_of(Probe(counts, 1));
    CHECK(value == 1);
    const Probe probe = co_await same(Probe(counts, 2));
    CHECK(probe.value == 2);
    const std::string text = std::string(100, 'x') + std::to_string(co_await value_of(probe));
    CHECK(text.size() == 101);
  });
}

TEST_CASE("temporaries of an awaited sleep are destroyed once") {
  check_balance([](Counts& counts) -> Coro<void> {
    const Probe probe = co_await aio::sleep(1s, Probe(counts, 3));
    CHECK(probe.value == 3);
    CHECK(counts.copies == 0);
    const std::string text = co_await aio::sleep(1s, std::string(100, 'x'));
    CHECK(text == std::string(100, 'x'));
  });
}

TEST_CASE("temporaries of an awaited create_task are destroyed once") {
  check_balance([](Counts& counts) -> Coro<void> {
    const int made = co_await aio::create_task(value_of(Probe(counts, 1)), std::string(100, 'n'));
    CHECK(made == 1);
    const int called = co_await aio::create_task(value_of, Probe(counts, 2));
    CHECK(called == 2);
    const Probe slept = co_await aio::create_task(aio::sleep(1s, Probe(counts, 3)));
    CHECK(slept.value == 3);
    const Probe kept(counts, 4);
    const auto named = [kept]() -> Coro<int> { co_return kept.value; };
    const int captured = co_await aio::create_task(named);
    CHECK(captured == 4);
  });
}

TEST_CASE("temporaries of an awaited gather are destroyed once") {
  check_balance([](Counts& counts) -> Coro<void> {
    const auto [a, b] = co_await aio::gather(same(Probe(counts, 1)), value_of(Probe(counts, 2)));
    CHECK(a.value == 1);
    CHECK(b == 2);
    const auto results = co_await aio::gather(aio::create_task(same(Probe(counts, 3))),
                                              aio::sleep(1s, Probe(counts, 4)));
    CHECK(std::get<0>(results).value == 3);
    CHECK(std::get<1>(results).value == 4);
    std::vector<Coro<Probe>> coros;
    coros.push_back(same(Probe(counts, 5)));
    const std::vector<Probe> list = co_await aio::gather(std::move(coros));
    CHECK(list.front().value == 5);
  });
}

TEST_CASE("temporaries of an awaited wait are destroyed once") {
  check_balance([](Counts& counts) -> Coro<void> {
    std::vector<aio::Task<Probe>> tasks;
    tasks.push_back(aio::create_task(same(Probe(counts, 1))));
    const auto [done, pending] = co_await aio::wait(tasks, 1s, aio::FIRST_COMPLETED);
    CHECK(done.size() == 1);
    CHECK(pending.empty());
    const auto again = co_await aio::wait(std::vector<aio::Task<Probe>>(tasks));
    CHECK(again.done.size() == 1);
  });
}

TEST_CASE("temporaries of an awaited future are destroyed once") {
  check_balance([](Counts& counts) -> Coro<void> {
    std::vector<aio::Future<Probe>> futures;
    for (int i = 0; i < 3; ++i) {
      futures.push_back(aio::get_running_loop().create_future<Probe>());
      futures.back().set_result(Probe(counts, i));
    }
    int sum = 0;
    for (const auto& future : futures) sum += (co_await future).value;
    for (auto& future : futures) sum += (co_await std::move(future)).value;
    CHECK(sum == 6);
  });
}

TEST_CASE("temporaries of an awaited pool call are destroyed once") {
  check_balance([](Counts& counts) -> Coro<void> {
    const auto value = [](const Probe& probe) { return probe.value; };
    const int plain = co_await aio::to_thread(value, Probe(counts, 1));
    CHECK(plain == 1);
    const int future =
        co_await aio::get_running_loop().run_in_executor(nullptr, value, Probe(counts, 2));
    CHECK(future == 2);
  });
}

TEST_CASE("a task that is cancelled midway destroys its frames and temporaries once") {
  check_balance([](Counts& counts) -> Coro<void> {
    const auto body = [](Counts& c) -> Coro<void> {
      const Probe local(c);
      const auto inner = [](Probe probe) -> Coro<Probe> {
        co_await aio::sleep(1h);
        co_return probe;
      };
      const auto both = co_await aio::gather(inner(Probe(c)), inner(local));
      static_cast<void>(both);
    };
    const auto task = aio::create_task(body, std::ref(counts));
    co_await aio::sleep(1s);
    task.cancel();
    co_await aio::sleep(1s);
    CHECK(task.cancelled());
    CHECK(counts.alive() == 0);
  });
}

TEST_CASE("results of tasks are moved to who gives up his handle and copied for who shares it") {
  check_balance([](Counts& counts) -> Coro<void> {
    const Probe moved = co_await aio::create_task(same(Probe(counts, 1)));
    CHECK(counts.copies == 0);
    const auto shared = aio::create_task(same(Probe(counts, 2)));
    const Probe& seen = co_await shared;
    CHECK(&seen == &shared.result());
    CHECK(counts.copies == 0);
    auto one = shared;
    const Probe copied = co_await std::move(one);
    CHECK(counts.copies == 1);
    CHECK(shared.result().value == 2);
    static_assert(std::is_same_v<decltype(shared.result()), const Probe&>);
  });
}

TEST_CASE("move-only results pass through Task and gather and run_until_complete") {
  Counts counts;
  const auto make = [](Counts& c, int value) -> Coro<MoveOnlyProbe> {
    co_await aio::sleep(0);
    co_return MoveOnlyProbe(c, value);
  };
  {
    aio::EventLoop loop(aio::testing::virtual_time);
    const MoveOnlyProbe direct = loop.run_until_complete(make(counts, 1));
    CHECK(direct.value == 1);
    const auto task = loop.create_task(make(counts, 2));
    const MoveOnlyProbe shared = loop.run_until_complete(task);
    CHECK(shared.value == 2);
    loop.run_until_complete([](auto f, Counts& c) -> Coro<void> {
      const auto [a, b] = co_await aio::gather(f(c, 3), f(c, 4));
      CHECK(a.value + b.value == 7);
      std::vector<Coro<MoveOnlyProbe>> coros;
      coros.push_back(f(c, 5));
      const auto list = co_await aio::gather(std::move(coros));
      CHECK(list.front().value == 5);
      const MoveOnlyProbe awaited = co_await aio::create_task(f(c, 6));
      CHECK(awaited.value == 6);
    }(make, counts));
  }
  CHECK(counts.alive() == 0);
}

TEST_CASE("a task whose handle is dropped runs to its end") {
  bool ended = false;
  aio::testing::run([&]() -> Coro<void> {
    const auto body = [&ended]() -> Coro<void> {
      co_await aio::sleep(1s);
      ended = true;
    };
    static_cast<void>(aio::create_task(body));
    CHECK(aio::all_tasks().size() == 2);
    co_await aio::sleep(2s);
  });
  CHECK(ended);
}
