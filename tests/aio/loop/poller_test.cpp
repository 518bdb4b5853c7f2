#include "aio/loop/poller.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "aio/loop/owned_descriptor.hpp"
#include "support/bare_state.hpp"
#include "support/loop_test.hpp"

using namespace support;

namespace {

/// A poller alone, closed at the end of the scope: that aborts if it has left a handle open.
struct BarePoller {
  enum class Alarm { best, portable };
  explicit BarePoller(Alarm alarm = Alarm::best) {
    if (alarm == Alarm::portable) poller.use_portable_alarm();
  }
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

struct PortablePoller : BarePoller {
  PortablePoller() : BarePoller(Alarm::portable) {}
};

}  // namespace

TEST_CASE_TEMPLATE("a wait ends though its deadline has passed before it began", Made, BarePoller,
                   PortablePoller) {
  Made bare;
  bare.poller.wait(aio::Clock::now() - 1s);
  bare.poller.wait(aio::TimePoint{});
  bare.poller.wait(aio::TimePoint::min());
  const auto deadline = aio::Clock::now() + 3ms;
  // What was posted ends the wait; then the timer, which stays armed, becomes due before the next.
  int calls = 0;
  CHECK(bare.poller.post(bare.callback(calls)));
  bare.poller.wait(deadline);
  while (aio::Clock::now() < deadline + 2ms) std::this_thread::yield();
  bare.poller.wait(deadline);
}

TEST_CASE_TEMPLATE("repeated until its time a wait never ends early and rarely repeats", Made,
                   BarePoller, PortablePoller) {
  Made bare;
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

// Were it not, the wait would end before anything has come.
TEST_CASE_TEMPLATE("an alarm that has rung does not end the next wait", Made, BarePoller,
                   PortablePoller) {
  Made bare;
  int calls = 0;
  const auto wait_for_post = [&] {
    std::thread other([&] {
      std::this_thread::sleep_for(2ms);
      CHECK(bare.poller.post(bare.callback(calls)));
    });
    bare.poller.wait(std::nullopt);
    CHECK(bare.state->ready.size() == 1);
    other.join();
    while (!bare.state->ready.empty()) bare.state->ready.pop().run();
  };
  bare.poller.wait(aio::Clock::now());
  wait_for_post();
  bare.poller.set_alarm(aio::Clock::now());
  std::this_thread::sleep_for(2ms);
  bare.poller.poll();
  wait_for_post();
  bare.poller.set_alarm(aio::Clock::now() + 1ms);
  wait_for_post();
  CHECK(calls == 3);
}

TEST_CASE("where no descriptor is left a loop does without the timer that needs one") {
  uv_loop_t loop;
  REQUIRE(uv_loop_init(&loop) == 0);
  // UndefinedBehaviorSanitizer opens a pipe to look at the first object of a class.
  aio::detail::make_portable_alarm(&loop).reset();
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlimit none{0, limit.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const auto refused = aio::detail::make_descriptor_alarm(&loop);
  auto portable = aio::detail::make_alarm(&loop);
  setrlimit(RLIMIT_NOFILE, &limit);
  CHECK(refused == nullptr);
  CHECK(portable != nullptr);
  portable.reset();
  uv_run(&loop, UV_RUN_DEFAULT);
  CHECK(uv_loop_close(&loop) == 0);
}

TEST_CASE("a closed poller leaves no descriptor open") {
  const auto count = [] {
    const std::filesystem::directory_iterator open("/proc/self/fd");
    return std::distance(begin(open), end(open));
  };
  { const BarePoller first; }  // what libuv opens once and keeps
  const auto before = count();
  {
    BarePoller bare;
    bare.poller.wait(aio::Clock::now() + 1ms);
    bare.poller.set_alarm(aio::Clock::now() + 1h);
  }
  CHECK(count() == before);
}

namespace {

aio::detail::OwnedDescriptor open_lowest() {
  return aio::detail::OwnedDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/// Calls `f` where the program may open `many` descriptors more. None below the last may be free.
template <class F>
void with_descriptors_left(rlim_t many, F f) {
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlimit few{static_cast<rlim_t>(open_lowest().get()) + many, limit.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
  f();
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

}  // namespace

TEST_CASE("a poller for which there are not enough descriptors leaves none open") {
  // Libuv opens something the first time and keeps it. UBSan opens a pipe when it first looks at an
  // object of a type, and takes the object for broken if it cannot.
  {
    BarePoller first;
    first.poller.use_portable_alarm();
    const std::system_error error(std::make_error_code(std::errc::too_many_files_open), "");
  }
  std::vector<aio::detail::OwnedDescriptor> holes;
  while (holes.size() < 300) holes.push_back(open_lowest());
  int refused = 0;
  for (rlim_t many = 0; many < 6; ++many) {
    bool has_loop = false;
    with_descriptors_left(many, [&] {
      uv_loop_t loop;
      has_loop = uv_loop_init(&loop) == 0;  // libuv itself leaves one open if not
      if (has_loop) uv_loop_close(&loop);
    });
    if (!has_loop) continue;
    const int before = open_lowest().get();
    with_descriptors_left(many, [&] {
      try {
        const BarePoller poller;
      } catch (const std::system_error&) {
        ++refused;
      }
    });
    CHECK(open_lowest().get() == before);
  }
  CHECK(refused == 1);
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
