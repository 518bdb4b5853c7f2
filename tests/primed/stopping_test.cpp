#include "primed/stopping.hpp"

#include <doctest/doctest.h>

namespace {

using namespace std::chrono_literals;
using primed::Stopping;
using Order = Stopping::Order;
using State = Stopping::State;

constexpr aio::TimePoint start{100s};
constexpr auto a_moment = 1ns;

/// One that was asked to stop at `start` with 8 s of grace.
Stopping stopped_once() {
  Stopping stopping;
  stopping.on_request(start, 8s);
  return stopping;
}

}  // namespace

TEST_SUITE_BEGIN("stopping");

TEST_CASE("nothing ends before somebody asks for it") {
  Stopping stopping;
  CHECK(stopping.state() == State::working);
  CHECK_FALSE(stopping.is_requested());
  CHECK_FALSE(stopping.deadline());
  CHECK(stopping.on_time(aio::TimePoint::max()) == Order::none);
  CHECK(stopping.state() == State::working);
}

TEST_CASE("the first request begins the grace") {
  Stopping stopping;
  CHECK(stopping.on_request(start, 8s) == Order::finish);
  CHECK(stopping.state() == State::grace);
  CHECK(stopping.is_requested());
  CHECK(stopping.deadline() == start + 8s);
}

TEST_CASE("the end of the grace interrupts, and not a moment before") {
  Stopping stopping = stopped_once();
  CHECK(stopping.on_time(start + 8s - a_moment) == Order::none);
  CHECK(stopping.state() == State::grace);
  CHECK(stopping.on_time(start + 8s) == Order::interrupt);
  CHECK(stopping.state() == State::interrupting);
  CHECK(stopping.deadline() == start + 8s + Stopping::release_time);
}

TEST_CASE("a second request is the end of the grace") {
  Stopping stopping = stopped_once();
  CHECK(stopping.on_request(start + 1s, 8s) == Order::interrupt);
  CHECK(stopping.state() == State::interrupting);
  CHECK(stopping.deadline() == start + 1s + Stopping::release_time);
  SUBCASE("whose own end then means nothing any more") {
    CHECK(stopping.on_time(start + 1s + Stopping::release_time) == Order::leave);
    CHECK(stopping.on_time(start + 8s) == Order::none);
  }
}

TEST_CASE("who does not let go is left behind, once") {
  Stopping stopping = stopped_once();
  stopping.on_time(start + 8s);
  const aio::TimePoint released = start + 8s + Stopping::release_time;
  CHECK(stopping.on_time(released - a_moment) == Order::none);
  CHECK(stopping.on_time(released) == Order::leave);
  CHECK(stopping.state() == State::leaving);
  CHECK_FALSE(stopping.deadline());
  CHECK(stopping.on_time(released + 1h) == Order::none);
}

TEST_CASE("a grace that ended by itself leaves the second request nothing to do") {
  Stopping stopping = stopped_once();
  stopping.on_time(start + 8s);
  const auto deadline = stopping.deadline();
  CHECK(stopping.on_request(start + 8s + 1ms, 8s) == Order::none);
  CHECK(stopping.deadline() == deadline);
}

TEST_CASE("the third request ends the program in every state") {
  Stopping stopping = stopped_once();
  SUBCASE("after the second") { stopping.on_request(start, 8s); }
  SUBCASE("after the grace") {
    stopping.on_time(start + 8s);
    stopping.on_request(start + 8s, 8s);
  }
  SUBCASE("while it leaves") {
    stopping.on_request(start, 8s);
    stopping.on_time(start + Stopping::release_time);
  }
  CHECK(stopping.on_request(start + 9s, 8s) == Order::die);
  CHECK(stopping.on_request(start + 9s, 8s) == Order::die);
}

TEST_CASE("a grace of nothing is over at once, and one of ever is never over") {
  Stopping hurried;
  CHECK(hurried.on_request(start, 0s) == Order::finish);
  CHECK(hurried.on_time(start) == Order::interrupt);
  Stopping patient;
  CHECK(patient.on_request(start, aio::Duration::max()) == Order::finish);
  CHECK(patient.deadline() == aio::TimePoint::max());
  CHECK(patient.on_time(start + 1000h) == Order::none);
}
