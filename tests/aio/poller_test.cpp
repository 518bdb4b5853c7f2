#include "aio/poller.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <thread>

#include "support/loop_test.hpp"

using namespace support;

namespace {

/// A loop's state with nothing behind it.
class BareState final : public aio::detail::LoopState {
 public:
  BareState() = default;
  aio::TimePoint now() const override { return aio::Clock::now(); }
};

/// A poller alone, closed at the end of the scope: that aborts if it has left a handle open.
struct BarePoller {
  BarePoller() = default;
  BarePoller(const BarePoller&) = delete;
  BarePoller& operator=(const BarePoller&) = delete;
  ~BarePoller() {
    poller.close();
    while (!state->ready.empty()) state->ready.pop().discard();
  }
  aio::detail::Ref<aio::detail::Callback> callback(int& calls) const {
    return aio::detail::make_callback<aio::detail::ThreadSafeCallback>([&calls] { ++calls; },
                                                                       *state);
  }
  aio::detail::Ref<BareState> state = aio::detail::make_ref<BareState>();
  aio::detail::Poller poller{*state};
};

}  // namespace

TEST_CASE("a wait ends though its deadline has passed before it began") {
  BarePoller bare;
  bare.poller.wait(aio::Clock::now() - 1s);
  bare.poller.wait(aio::TimePoint{});
  const auto deadline = aio::Clock::now() + 3ms;
  // What was posted ends the wait; then the timer, which stays armed, becomes due before the next.
  int calls = 0;
  CHECK(bare.poller.post(bare.callback(calls)));
  bare.poller.wait(deadline);
  while (aio::Clock::now() < deadline + 2ms) std::this_thread::yield();
  bare.poller.wait(deadline);
}

TEST_CASE("a wait ends no more than a millisecond early and repeated until its time never") {
  BarePoller bare;
  for (const aio::Duration delay : {aio::Duration(1ns), aio::Duration(300us), aio::Duration(5ms)}) {
    const auto deadline = aio::Clock::now() + delay;
    int waits = 0;
    while (aio::Clock::now() < deadline) {
      bare.poller.wait(deadline);
      ++waits;
    }
    CHECK(waits <= 2);
  }
}

TEST_CASE("what is posted is made ready and not run by the poll that takes it in") {
  BarePoller bare;
  int calls = 0;
  CHECK(bare.poller.post(bare.callback(calls)));
  CHECK(bare.poller.post(bare.callback(calls)));
  CHECK(bare.state->ready.empty());
  bare.poller.wait(std::nullopt);
  CHECK(bare.state->ready.size() == 2);
  CHECK(calls == 0);
  while (!bare.state->ready.empty()) bare.state->ready.pop().run();
  CHECK(calls == 2);
}

TEST_CASE("a closed poller takes nothing in and frees what was posted") {
  int alive = 0;
  const auto state = aio::detail::make_ref<BareState>();
  aio::detail::Poller poller(*state);
  const auto make = [&] {
    return aio::detail::make_callback<aio::detail::Callback>([counted = Counted(alive)] {}, *state);
  };
  CHECK(poller.post(make()));
  CHECK(alive == 1);
  poller.close();
  CHECK(alive == 0);
  CHECK_FALSE(poller.post(make()));
  CHECK(alive == 0);
  CHECK(state->ready.empty());
}
