#include "aio/event.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "aio/testing.hpp"
#include "support/await.hpp"

using aio::Coro;
using aio::Event;
using support::Outcome;
using support::outcome_of;
using support::turns;

namespace {

Coro<void> wait_for(Event& event, std::string& order, char name) {
  co_await event.wait();
  order += name;
}

}  // namespace

TEST_CASE("wait on a set event does not block [K4]") {
  aio::testing::run([]() -> Coro<void> {
    Event event;
    CHECK_FALSE(event.is_set());
    event.set();
    CHECK(event.is_set());
    const auto turn = aio::get_running_loop().turn_count();
    const bool result = co_await event.wait();
    CHECK(result);
    CHECK(aio::get_running_loop().turn_count() == turn);
    event.set();
    CHECK(event.is_set());
    event.clear();
    CHECK_FALSE(event.is_set());
  });
}

TEST_CASE("set wakes all who wait in the order of their coming [K4]") {
  aio::testing::run([]() -> Coro<void> {
    Event event;
    std::string order;
    std::vector<aio::Task<>> tasks;
    for (const char name : {'a', 'b', 'c'}) {
      tasks.push_back(aio::create_task(wait_for(event, order, name)));
    }
    co_await turns(3);
    CHECK(order.empty());
    event.set();
    CHECK(order.empty());  // through the loop
    co_await turns(1);
    CHECK(order == "abc");
  });
}

TEST_CASE("set wakes all who wait even if clear follows at once and nobody who comes later [K4]") {
  aio::testing::run([]() -> Coro<void> {
    Event event;
    std::string order;
    const auto a = aio::create_task(wait_for(event, order, 'a'));
    const auto b = aio::create_task(wait_for(event, order, 'b'));
    co_await turns(1);
    event.set();
    event.clear();
    const auto late = aio::create_task(wait_for(event, order, 'c'));
    co_await turns(3);
    CHECK(order == "ab");
    CHECK(a.done());
    CHECK(b.done());
    CHECK_FALSE(late.done());
    event.set();
    co_await late;
    CHECK(order == "abc");
  });
}

TEST_CASE("a cancelled wait throws CancelledError and the others are woken all the same [K4]") {
  for (const bool cancel_first : {true, false}) {
    CAPTURE(cancel_first);
    aio::testing::run([cancel_first]() -> Coro<void> {
      Event event;
      std::string order;
      const auto cancelled = aio::create_task(outcome_of(event.wait()));
      const auto other = aio::create_task(wait_for(event, order, 'b'));
      co_await turns(1);
      if (cancel_first) cancelled.cancel("enough");
      event.set();
      if (!cancel_first) cancelled.cancel("enough");
      const Outcome outcome = co_await cancelled;
      REQUIRE(outcome.cancelled.has_value());
      CHECK(outcome.cancelled->message() == "enough");
      co_await other;
      CHECK(order == "b");
    });
  }
}

TEST_CASE("an event is set from another thread by way of the loop") {
  aio::run([]() -> Coro<void> {
    Event event;
    aio::EventLoop& loop = aio::get_running_loop();
    std::thread thread([&] { loop.call_soon_threadsafe(&Event::set, std::ref(event)); });
    co_await event.wait();
    thread.join();
    CHECK(event.is_set());
  });
}

TEST_CASE("an event may be destroyed while tasks wait for it chosen or not") {
  aio::testing::run([]() -> Coro<void> {
    std::optional<Event> event(std::in_place);
    const auto chosen = aio::create_task(event->wait());
    co_await turns(1);
    event->set();
    event.reset();
    const bool result = co_await chosen;
    CHECK(result);
  });
  aio::testing::run([]() -> Coro<void> {
    std::optional<Event> event(std::in_place);
    const auto waiter = aio::create_task(event->wait());
    co_await turns(1);
    event.reset();
    co_await turns(1);
    CHECK_FALSE(waiter.done());  // the end of the run cancels it
  });
}
