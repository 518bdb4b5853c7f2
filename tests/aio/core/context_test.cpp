#include "aio/context.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/loop_test.hpp"
#include "support/probe.hpp"

using namespace support;
using aio::Context;
using aio::ContextVar;
using aio::copy_context;
using aio::Coro;
using aio::TaskOptions;

namespace {

const ContextVar<int> number("number", 0);
const ContextVar<std::string> text("text");

/// Has `f` called in a context of its own, so that cases do not see each other's values.
template <class F>
void in_fresh_context(F f) {
  Context().run(f);
}

Coro<void> set_number(int value) {
  co_await aio::sleep(0);
  number.set(value);
}

}  // namespace

// --- Variables

TEST_CASE("a context variable has its default until it is set") {
  in_fresh_context([] {
    CHECK(number.name() == "number");
    CHECK(number.get() == 0);
    CHECK(number.get(7) == 7);
    CHECK_THROWS_AS(text.get(), aio::LookupError);
    CHECK(text.get("fallback") == "fallback");
    number.set(3);
    text.set("three");
    CHECK(number.get() == 3);
    CHECK(number.get(7) == 3);
    CHECK(text.get() == "three");
    CHECK(text.get("fallback") == "three");
  });
}

TEST_CASE("reset gives a variable back what it had, once, and only its own") {
  in_fresh_context([] {
    const auto first = number.set(1);
    const auto second = number.set(2);
    CHECK_FALSE(first.old_value().has_value());
    CHECK(second.old_value() == 1);
    CHECK(&second.var() == &number);
    number.reset(second);
    CHECK(number.get() == 1);
    CHECK_THROWS_AS(number.reset(second), aio::RuntimeError);
    const ContextVar<int> other("other");
    CHECK_THROWS_AS(other.reset(first), aio::ValueError);
    Context().run([&] { CHECK_THROWS_AS(number.reset(first), aio::ValueError); });
    number.reset(first);
    CHECK(number.get(9) == 9);
    CHECK(copy_context().size() == 0);
  });
}

TEST_CASE("many variables keep their values apart") {
  in_fresh_context([] {
    std::vector<std::unique_ptr<ContextVar<int>>> variables;
    for (int i = 0; i < 50; ++i) variables.push_back(std::make_unique<ContextVar<int>>("v"));
    for (int i = 49; i >= 0; --i) variables[static_cast<std::size_t>(i)]->set(i);
    for (int i = 0; i < 50; i += 2) variables[static_cast<std::size_t>(i)]->set(-i);
    for (int i = 0; i < 50; ++i) {
      CHECK(variables[static_cast<std::size_t>(i)]->get() == (i % 2 == 0 ? -i : i));
    }
    CHECK(copy_context().size() == 50);
  });
}

TEST_CASE("a context keeps its values alive and gives them up with the last copy") {
  Counts counts;
  const ContextVar<Probe> variable("probe");
  {
    Context kept;
    {
      const Context context;
      context.run([&] { variable.set(Probe(counts, 1)); });
      kept = context.copy();
      context.run([&] { variable.set(Probe(counts, 2)); });
    }
    CHECK(counts.alive() == 1);
    CHECK(kept.get(variable)->value == 1);
  }
  CHECK(counts.alive() == 0);
}

// --- Contexts

TEST_CASE("what is set inside a context stays there") {
  in_fresh_context([] {
    number.set(1);
    const Context copy = copy_context();
    CHECK(copy.size() == 1);
    CHECK(copy.contains(number));
    CHECK_FALSE(copy.contains(text));
    const int result = copy.run(
        [](int value) {
          number.set(value);
          text.set("inside");
          return number.get();
        },
        5);
    CHECK(result == 5);
    CHECK(number.get() == 1);
    CHECK_THROWS_AS(text.get(), aio::LookupError);
    CHECK(copy.get(number) == 5);
    CHECK(copy.get(text) == "inside");
    const Context second = copy.copy();
    CHECK(second != copy);
    second.run([] { number.set(6); });
    CHECK(copy.get(number) == 5);
    number.set(2);
    CHECK(copy.get(number) == 5);
    CHECK_FALSE(Context().get(number).has_value());
  });
}

TEST_CASE("a context that is entered is not entered again") {
  const Context context;
  context.run([&] { CHECK_THROWS_AS(context.run([] {}), aio::RuntimeError); });
  CHECK_THROWS_AS(context.run([] { throw std::runtime_error("out"); }), std::runtime_error);
  context.run([] {});
}

TEST_CASE("each thread has a context of its own") {
  in_fresh_context([] {
    number.set(1);
    int seen = -1;
    std::thread([&] {
      seen = number.get();
      number.set(2);
    }).join();
    CHECK(seen == 0);
    CHECK(number.get() == 1);
  });
}

// --- Tasks

TEST_CASE("a task runs in a copy of its maker's context") {
  aio::testing::run([]() -> Coro<void> {
    number.set(1);
    std::vector<int> seen;
    const auto body = [&](int value) -> Coro<void> {
      seen.push_back(number.get());
      number.set(value);
      co_await aio::sleep(0);
      seen.push_back(number.get());
    };
    const auto ten = aio::create_task(body, 10);
    number.set(2);  // too late for the first one
    const auto twenty = aio::create_task(body, 20);
    co_await ten;
    co_await twenty;
    CHECK(seen == std::vector{1, 2, 10, 20});
    CHECK(number.get() == 2);
  });
}

TEST_CASE("a coroutine that is awaited shares the context of its task") {
  aio::testing::run([]() -> Coro<void> {
    co_await set_number(5);
    CHECK(number.get() == 5);
  });
  CHECK(number.get() == 0);
}

TEST_CASE("what an eager step sets stays in its task [X4]") {
  aio::testing::run([]() -> Coro<void> {
    number.set(1);
    std::vector<int> seen;
    const auto body = [&]() -> Coro<void> {
      seen.push_back(number.get());
      number.set(2);
      co_await aio::sleep(0);
      seen.push_back(number.get());
      number.set(3);
    };
    const auto task = aio::create_task(TaskOptions().eager_start(), body);
    CHECK(seen == std::vector{1});
    CHECK(number.get() == 1);
    co_await task;
    CHECK(seen == std::vector{1, 2});
    CHECK(number.get() == 1);
  });
}

TEST_CASE("a task that is given a context runs in that one itself") {
  aio::testing::run([]() -> Coro<void> {
    const Context context;
    context.run([] { number.set(3); });
    const auto body = []() -> Coro<int> {
      const int before = number.get();
      co_await set_number(before + 1);
      co_return before;
    };
    const int before = co_await aio::create_task(TaskOptions().context(context), body);
    CHECK(before == 3);
    CHECK(context.get(number) == 4);
    const auto eager = aio::create_task(TaskOptions().context(context).eager_start(), body);
    const int again = co_await eager;
    CHECK(again == 4);
    CHECK(context.get(number) == 5);
    CHECK(number.get() == 0);
  });
}

TEST_CASE("what a task sets goes with it") {
  aio::testing::run([]() -> Coro<void> {
    Counts counts;
    const ContextVar<Probe> variable("probe");
    const auto body = [&]() -> Coro<void> {
      variable.set(Probe(counts));
      co_await aio::sleep(0);
    };
    co_await aio::create_task(body);
    CHECK(counts.alive() == 0);
  });
}

// --- Callbacks

TEST_CASE("a callback runs in a copy of the context in which it was scheduled") {
  in_fresh_context([] {
    aio::EventLoop loop(aio::testing::virtual_time);
    std::vector<std::string> seen;
    const auto note = [&](std::string who) {
      seen.push_back(who + "=" + std::to_string(number.get()));
      number.set(99);
    };
    const auto future = loop.create_future();
    number.set(1);
    loop.call_soon(note, "soon");
    number.set(2);
    loop.call_later(1s, note, "later");
    number.set(3);
    loop.call_at(loop.time() + 2s, note, "at");
    number.set(4);
    loop.call_soon_threadsafe(note, "threadsafe");
    number.set(5);
    future.add_done_callback([&](const aio::AnyFuture&) { note("done"); });
    number.set(6);
    future.set_result();
    loop.run_until_complete(aio::sleep(3s));
    CHECK(seen == std::vector<std::string>{"soon=1", "done=5", "threadsafe=4", "later=2", "at=3"});
    CHECK(number.get() == 6);
  });
}

TEST_CASE("a callback from another thread runs in a copy of that thread's context") {
  aio::EventLoop loop;
  int seen = -1;
  std::thread([&] {
    number.set(8);
    loop.call_soon_threadsafe([&] {
      seen = number.get();
      loop.stop();
    });
  }).join();
  loop.run_forever();
  CHECK(seen == 8);
  CHECK(number.get() == 0);
}

TEST_CASE("handlers of signals and descriptors run in the context in which they were set") {
  aio::EventLoop loop;
  const Pipe pipe;
  std::vector<int> seen;
  const auto note = [&] {
    seen.push_back(number.get());
    number.set(number.get() + 1);
    loop.stop();
  };
  in_fresh_context([&] {
    number.set(10);
    loop.add_signal_handler(SIGUSR1, note);
    number.set(20);
    loop.add_reader(pipe.reader(), note);
  });
  std::raise(SIGUSR1);
  loop.run_forever();
  std::raise(SIGUSR1);
  loop.run_forever();
  CHECK(seen == std::vector{10, 11});
  seen.clear();
  pipe.write("x");
  loop.run_forever();
  loop.run_forever();
  CHECK(seen == std::vector{20, 21});
  CHECK(number.get() == 0);
}

TEST_CASE("current code keeps its context when a callback throws") {
  in_fresh_context([] {
    aio::EventLoop loop(aio::testing::virtual_time);
    Reports reports(loop);
    number.set(1);
    loop.call_soon([] {
      number.set(2);
      throw std::runtime_error("out");
    });
    run_turns(loop, 1);
    CHECK(reports.messages.size() == 1);
    CHECK(number.get() == 1);
  });
}

// --- Threads

TEST_CASE("to_thread takes the context along and run_in_executor does not [E5]") {
  aio::testing::run([]() -> Coro<void> {
    number.set(4);
    text.set("task");
    const auto look = [](int add) {
      const int seen = number.get() + add;
      number.set(-1);
      return seen;
    };
    const int in_thread = co_await aio::to_thread(look, 100);
    CHECK(in_thread == 104);
    const auto read_text = [] { return text.get("none"); };
    const std::string on_thread = co_await aio::to_thread(read_text);
    CHECK(on_thread == "task");
    CHECK(number.get() == 4);
    auto work = aio::get_running_loop().run_in_executor(nullptr, read_text);
    const std::string in_executor = co_await std::move(work);
    CHECK(in_executor == "none");
    const auto stoppable = [](const std::stop_token& stop, int add) {
      return stop.stop_possible() ? number.get() + add : -1;
    };
    const int with_token = co_await aio::to_thread(stoppable, 1);
    CHECK(with_token == 5);
  });
}
