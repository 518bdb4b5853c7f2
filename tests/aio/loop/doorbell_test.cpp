#include "aio/loop/doorbell.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "support/loop_test.hpp"

namespace {

using aio::detail::Doorbell;

/// A loop of libuv's with nothing on it; it ends with its scope, which checks that nothing is left.
/// Who waits on it for what never comes is told so after half a minute without any answer.
struct BareLoop {
  BareLoop() {
    REQUIRE(uv_loop_init(&uv) == 0);
    REQUIRE(uv_timer_init(&uv, &patience) == 0);
    patience.data = this;
    const auto on_end = [](uv_timer_t* timer) { static_cast<BareLoop*>(timer->data)->late = true; };
    REQUIRE(uv_timer_start(&patience, on_end, 30'000, 30'000) == 0);
    uv_unref(reinterpret_cast<uv_handle_t*>(&patience));
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;
  ~BareLoop() {
    uv_close(reinterpret_cast<uv_handle_t*>(&patience), nullptr);
    uv_run(&uv, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&uv) == 0);
  }
  uv_loop_t uv;
  uv_timer_t patience;
  std::atomic<bool> late = false;
};

}  // namespace

TEST_CASE("a doorbell that was rung many times is answered once, and then waits again") {
  BareLoop loop;
  int answers = 0;
  const auto bell = std::make_unique<Doorbell>(&loop.uv, [&answers] { ++answers; });
  for (int i = 0; i < 3; ++i) bell->ring();
  uv_run(&loop.uv, UV_RUN_ONCE);
  CHECK(answers == 1);
  uv_run(&loop.uv, UV_RUN_NOWAIT);
  CHECK(answers == 1);
  bell->ring();
  uv_run(&loop.uv, UV_RUN_ONCE);
  CHECK(answers == 2);
  bell->close();
}

TEST_CASE("a doorbell that is rung while it is answered is answered again") {
  BareLoop loop;
  int answers = 0;
  Doorbell* self = nullptr;
  const auto bell = std::make_unique<Doorbell>(&loop.uv, [&] {
    if (++answers < 3) self->ring();
  });
  self = bell.get();
  bell->ring();
  for (int i = 0; i < 3; ++i) uv_run(&loop.uv, UV_RUN_ONCE);
  CHECK(answers == 3);
  uv_run(&loop.uv, UV_RUN_NOWAIT);
  CHECK(answers == 3);
  bell->close();
}

TEST_CASE("a closed doorbell may be rung by who still has it, and is not answered") {
  const auto loop = std::make_unique<BareLoop>();
  int answers = 0;
  const auto bell = std::make_unique<Doorbell>(&loop->uv, [&answers] { ++answers; });
  bell->ring();
  bell->close();
  bell->ring();
  uv_run(&loop->uv, UV_RUN_NOWAIT);
  CHECK(answers == 0);
}

TEST_CASE("a doorbell keeps its loop running only while it is held") {
  BareLoop loop;
  int answers = 0;
  const auto bell = std::make_unique<Doorbell>(&loop.uv, [&answers] { ++answers; });
  CHECK(uv_loop_alive(&loop.uv) != 0);
  bell->hold(false);
  CHECK(uv_loop_alive(&loop.uv) == 0);
  bell->hold(true);
  CHECK(uv_loop_alive(&loop.uv) != 0);
  bell->close();
}

TEST_CASE("of many who ring at once none is left without an answer") {
  constexpr int ringers = 4;
  constexpr int rings = 2'000;
  BareLoop loop;
  std::atomic<int> wanted = 0;
  std::atomic<int> seen = 0;
  const auto bell = std::make_unique<Doorbell>(&loop.uv, [&] {
    seen = wanted.load();
    uv_timer_again(&loop.patience);
  });
  std::atomic<int> ended = 0;
  std::vector<std::thread> threads;
  threads.reserve(ringers);
  for (int i = 0; i < ringers; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < rings; ++k) {
        const int mine = ++wanted;
        bell->ring();
        while (k % 2 == 0 && seen < mine && !loop.late) std::this_thread::yield();
      }
      ++ended;
      bell->ring();
    });
  }
  while (ended < ringers && !loop.late) uv_run(&loop.uv, UV_RUN_ONCE);
  for (std::thread& thread : threads) thread.join();
  uv_run(&loop.uv, UV_RUN_NOWAIT);
  CHECK_FALSE(loop.late.load());
  CHECK(seen.load() == ringers * rings);
  bell->close();
}
