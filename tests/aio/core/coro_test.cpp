#include "aio/coro.hpp"

#include <doctest/doctest.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/death.hpp"
#include "support/probe.hpp"

using aio::Coro;
using support::Counts;
using support::last_words;
using support::Probe;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

using Trace = std::vector<std::string>;

/// Says so when it goes.
class Farewell {
 public:
  Farewell(Trace& trace, std::string what) : trace_(trace), what_(std::move(what)) {}
  Farewell(const Farewell&) = delete;
  Farewell& operator=(const Farewell&) = delete;
  ~Farewell() { trace_.push_back(what_ + " gone"); }

 private:
  Trace& trace_;
  std::string what_;
};

template <class C>
concept AwaitableAsLvalue = requires(C& coro) { coro.operator co_await(); };

}  // namespace

TEST_CASE("a Coro is moved and not copied and awaited only as an rvalue") {
  static_assert(std::movable<Coro<int>>);
  static_assert(!std::copyable<Coro<int>>);
  static_assert(!AwaitableAsLvalue<Coro<int>>);
  static_assert(aio::detail::Awaitable<Coro<int>>);
}

TEST_CASE("a Coro runs nothing until it is awaited") {
  int steps = 0;
  const auto step = [&steps]() -> Coro<void> {
    ++steps;
    co_return;
  };
  aio::testing::run([&]() -> Coro<void> {
    Coro<void> coro = step();
    CHECK(steps == 0);
    co_await aio::sleep(0);
    CHECK(steps == 0);
    co_await std::move(coro);
    CHECK(steps == 1);
  });
}

TEST_CASE("a Coro runs inside the awaiting task and at once") {
  aio::testing::run([]() -> Coro<void> {
    const auto leaf = []() -> Coro<aio::AnyTask> { co_return aio::current_task(); };
    const auto turn = aio::get_running_loop().turn_count();
    const aio::AnyTask task = co_await leaf();
    CHECK(task == aio::current_task());
    CHECK(aio::get_running_loop().turn_count() == turn);
  });
}

TEST_CASE("a dropped Coro frees its parameters and has run nothing") {
  Counts counts;
  bool ran = false;
  const auto never = [&ran](Probe) -> Coro<void> {
    ran = true;
    co_return;
  };
  { const Coro<void> dropped = never(Probe(counts)); }
  CHECK(counts.alive() == 0);
  CHECK_FALSE(ran);
}

TEST_CASE("assigning over a Coro frees what it was") {
  Counts counts;
  const auto keep = [](Probe) -> Coro<void> { co_return; };
  Coro<void> coro = keep(Probe(counts));
  coro = keep(Probe(counts));
  CHECK(counts.alive() == 1);
}

TEST_CASE("awaiting a Coro twice or after a move aborts") {
  const auto await_moved_from = [] {
    aio::testing::run([]() -> Coro<void> {
      const auto leaf = []() -> Coro<void> { co_return; };
      Coro<void> coro = leaf();
      co_await std::move(coro);
      co_await std::move(coro);
    });
  };
  CHECK(last_words(await_moved_from).find("awaited twice") != std::string::npos);

  const auto run_moved_from = [] {
    const auto leaf = []() -> Coro<void> { co_return; };
    Coro<void> coro = leaf();
    const Coro<void> other = std::move(coro);
    aio::testing::run(std::move(coro));
  };
  CHECK(last_words(run_moved_from).find("moved-from Coro") != std::string::npos);
}

TEST_CASE("a result is moved to who awaits and never copied") {
  Counts counts;
  const auto make = [&counts]() -> Coro<Probe> { co_return Probe(counts, 7); };
  const auto pass_on = [&make]() -> Coro<Probe> { co_return co_await make(); };
  aio::testing::run([&]() -> Coro<void> {
    const Probe probe = co_await pass_on();
    CHECK(probe.value == 7);
    CHECK(counts.copies == 0);
    CHECK(counts.moves <= 4);  // into and out of either frame
  });
  CHECK(counts.alive() == 0);
}

TEST_CASE("a result may be move-only or convertible to what is promised") {
  const auto make = []() -> Coro<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
  const auto null = []() -> Coro<std::unique_ptr<int>> { co_return nullptr; };
  const auto text = []() -> Coro<std::string> { co_return "three"; };
  const auto braces = []() -> Coro<std::vector<int>> { co_return {1, 2, 3}; };
  aio::testing::run([&]() -> Coro<void> {
    const auto made = co_await make();
    CHECK(*made == 3);
    const auto nothing = co_await null();
    CHECK(nothing == nullptr);
    const std::string words = co_await text();
    CHECK(words == "three");
    const std::vector<int> numbers = co_await braces();
    CHECK(numbers.size() == 3);
  });
}

TEST_CASE("a parameter by value lives in the frame and one by reference with the caller") {
  Counts counts;
  aio::testing::run([&]() -> Coro<void> {
    const auto by_value = [](Probe probe) -> Coro<const Probe*> {
      co_await aio::sleep(0);
      co_return &probe;
    };
    const auto by_reference = [](const Probe& probe) -> Coro<const Probe*> {
      co_await aio::sleep(0);
      co_return &probe;
    };
    const Probe probe(counts);
    const Probe* const inside = co_await by_value(probe);
    CHECK(inside != &probe);
    const Probe* const outside = co_await by_reference(probe);
    CHECK(outside == &probe);
  });
  CHECK(counts.alive() == 0);
}

TEST_CASE("locals go before the awaiting coroutine goes on and parameters with the expression") {
  Trace trace;
  const auto leaf = [&trace](std::unique_ptr<Farewell>) -> Coro<int> {
    const Farewell local(trace, "local");
    co_await aio::sleep(0);
    co_return 1;
  };
  const auto note = [&trace](int) { trace.push_back("result used"); };
  aio::testing::run([&]() -> Coro<void> {
    auto argument = std::make_unique<Farewell>(trace, "parameter");
    note(co_await leaf(std::move(argument)));
    trace.push_back("went on");
  });
  CHECK(trace == Trace{"local gone", "result used", "parameter gone", "went on"});
}

TEST_CASE("an exception of any type passes through several awaits") {
  const auto number = []() -> Coro<int> {
    co_await aio::sleep(0);
    throw 42;
  };
  const auto middle = [&number]() -> Coro<int> { co_return 1 + co_await number(); };
  const auto outer = [&middle]() -> Coro<void> { static_cast<void>(co_await middle()); };
  int caught = 0;
  try {
    aio::testing::run(outer());
  } catch (int thrown) {
    caught = thrown;
  }
  CHECK(caught == 42);
  const auto fail = []() -> Coro<void> {
    throw std::out_of_range("too far");
    co_return;
  };
  CHECK_THROWS_WITH_AS(aio::testing::run(fail()), "too far", std::out_of_range);
}

TEST_CASE("an exception unwinds each frame once") {
  Counts counts;
  const auto leaf = [](Probe) -> Coro<void> {
    co_await aio::sleep(0);
    throw std::runtime_error("leaf");
  };
  const auto middle = [&](Probe probe) -> Coro<void> {
    const Probe local(counts);
    co_await leaf(probe);
  };
  CHECK_THROWS_AS(aio::testing::run(middle(Probe(counts))), std::runtime_error);
  CHECK(counts.alive() == 0);
}

TEST_CASE("millions of awaits that complete at once do not use up the stack") {
  constexpr int count = sanitized ? 1'000'000 : 10'000'000;
  const auto leaf = [](int n) -> Coro<int> { co_return n & 1; };
  const auto sum = [&leaf]() -> Coro<int> {
    int total = 0;
    for (int i = 0; i < count; ++i) total += co_await leaf(i);
    co_return total;
  };
  CHECK(aio::testing::run(sum()) == count / 2);
}

namespace {

Coro<int> depth(int n) {
  if (n == 0) co_return 0;
  co_return 1 + co_await depth(n - 1);
}

Coro<int> throw_from_depth(int n) {
  if (n == 0) {
    co_await aio::sleep(0);
    throw std::runtime_error("deep");
  }
  co_return 1 + co_await throw_from_depth(n - 1);
}

Coro<void> sleep_at_depth(int n) {
  if (n == 0) {
    co_await aio::sleep(std::chrono::hours(1));
  } else {
    co_await sleep_at_depth(n - 1);
  }
}

}  // namespace

TEST_CASE("a hundred thousand nested awaits do not use up the stack") {
  CHECK(aio::testing::run(depth(100'000)) == 100'000);
}

TEST_CASE("an exception or a cancellation from a hundred thousand awaits deep reaches the task") {
  CHECK_THROWS_AS(aio::testing::run(throw_from_depth(100'000)), std::runtime_error);
  aio::testing::run([]() -> Coro<void> {
    const auto task = aio::create_task(sleep_at_depth(100'000));
    co_await aio::sleep(0);
    task.cancel();
    co_await support::turns(2);
    CHECK(task.cancelled());
  });
}

namespace {

class ThrowsWhenItGoes {
 public:
  explicit ThrowsWhenItGoes(int what) : what_(what) {}
  ThrowsWhenItGoes(const ThrowsWhenItGoes&) = delete;
  ThrowsWhenItGoes& operator=(const ThrowsWhenItGoes&) = delete;
  ~ThrowsWhenItGoes() noexcept(false) { throw what_; }

 private:
  int what_;
};

/// Goes on after a `co_return` that an exception undoes.
template <class T>
Coro<T> change_its_mind(T first, T second) {
  try {
    const ThrowsWhenItGoes last(1);
    co_return first;
  } catch (int) {
  }
  co_await aio::sleep(0);
  co_return second;
}

template <class T>
Coro<T> fail_after_return(T value) {
  const ThrowsWhenItGoes last(2);
  co_return value;
}

}  // namespace

TEST_CASE("a result counts only if nothing is thrown after it") {
  const std::string longer(100, 'x');
  aio::testing::run(
      [](std::string text) -> Coro<void> {
        CHECK(co_await change_its_mind(1, 2) == 2);
        CHECK(co_await aio::create_task(change_its_mind(1, 2)) == 2);
        CHECK(co_await change_its_mind(std::string("no"), text) == text);
        CHECK(co_await aio::create_task(change_its_mind(text, text + "!")) == text + "!");
        const auto with_int = aio::create_task(fail_after_return(3));
        const auto with_text = aio::create_task(fail_after_return(text));
        CHECK_THROWS_AS(co_await with_int, int);
        CHECK_THROWS_AS(co_await with_text, int);
      },
      longer);
}

TEST_CASE("a result that is aligned more than most comes out whole, and aligned") {
  struct alignas(64) Aligned {
    int value;
  };
  aio::testing::run([]() -> Coro<void> {
    const auto make = [](int value) -> Coro<Aligned> {
      co_await aio::sleep(0);
      co_return Aligned{value};
    };
    const Aligned awaited = co_await make(1);
    CHECK(awaited.value == 1);
    const auto task = aio::create_task(make(2));
    co_await task;
    CHECK(task.result().value == 2);
    CHECK(reinterpret_cast<std::uintptr_t>(&task.result()) % 64 == 0);
  });
}
