#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <random>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <vector>

#include "aio/event_loop.hpp"
#include "aio/to_thread.hpp"
#include "support/await.hpp"
#include "support/gate.hpp"
#include "support/loop_test.hpp"
#include "support/pool.hpp"

using namespace support;
using aio::OnCancel;
using aio::PoolOptions;

namespace {

constexpr auto small = PoolOptions().small();

std::thread::id this_thread() { return std::this_thread::get_id(); }

}  // namespace

namespace {

aio::Coro<void> cancel_before_start(Gate& gate, OnCancel on_cancel) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(1);
  const auto options = small.on_cancel(on_cancel);
  std::atomic<int> ran = 0;
  int alive = 0;
  const auto work = [&ran, counted = Counted(alive)] { ++ran; };
  const auto first = loop.run_in_executor(executor, options, std::ref(gate));
  std::vector<aio::Future<>> futures;
  for (int i = 0; i < 9; ++i) futures.push_back(loop.run_in_executor(executor, options, work));
  CHECK(futures[0].cancel());  // in the turn in which it came
  co_await aio::sleep(0);
  gate.started.acquire();
  CHECK(futures[3].cancel());  // on its way
  CHECK(futures[8].cancel());
  CHECK(futures[8].cancelled());
  CHECK(alive == 7);
  auto now = executor.statistics();
  CHECK(now.submitted == 10);
  CHECK(now.running == 1);
  CHECK(now.queued == 6);
  CHECK(now.cancelled == 3);
  gate.go.release();
  co_await executor.join();
  now = executor.statistics();
  CHECK(ran == 6);
  CHECK(alive == 1);
  CHECK(now.completed == 7);
  CHECK(now.cancelled == 3);
  CHECK(now.running + now.queued == 0);
}

aio::Coro<void> stop_running(const aio::ThreadPoolExecutor& executor) {
  UntilStopped work;
  const auto future = aio::get_running_loop().run_in_executor(
      executor, small.on_cancel(OnCancel::wait), std::ref(work));
  co_await aio::sleep(0);
  work.started.acquire();
  CHECK(future.cancel());
  CHECK_FALSE(future.done());
  const auto outcome = co_await outcome_of(future);
  CHECK(outcome.cancelled);
  CHECK(executor.statistics().completed == 1);
}

}  // namespace

TEST_CASE("a cancelled small call that has not begun never runs and is freed at once [E2]") {
  for (const OnCancel on_cancel : {OnCancel::abandon, OnCancel::wait}) {
    Gate gate;
    aio::run(cancel_before_start(gate, on_cancel));
  }
}

TEST_CASE("a small call that runs sees that its await was cancelled [E2]") {
  aio::run(stop_running(aio::ThreadPoolExecutor(1)));
}

namespace {

aio::Coro<void> throw_among_others() {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(2);
  const auto half = [](int n) {
    if (n % 2 != 0) throw std::domain_error("odd");
    return n / 2;
  };
  std::vector<aio::Future<int>> futures;
  for (int n = 0; n < 40; ++n) futures.push_back(loop.run_in_executor(executor, small, half, n));
  for (int n = 0; n < 40; ++n) {
    const auto outcome = co_await outcome_of(futures[static_cast<std::size_t>(n)]);
    CHECK(outcome.returned == (n % 2 == 0));
    CHECK(outcome.threw<std::domain_error>() == (n % 2 != 0));
  }
}

aio::Coro<void> shut_down_behind(std::atomic<int>& ran, std::vector<aio::Future<>>& futures) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(1);
  const auto work = [&ran] { ++ran; };
  for (int i = 0; i < 20; ++i) futures.push_back(loop.run_in_executor(executor, small, work));
  executor.shutdown();
  CHECK_THROWS_AS(static_cast<void>(loop.run_in_executor(executor, small, work)),
                  aio::RuntimeError);
  co_return;
}

aio::Coro<void> await_all(const std::vector<aio::Future<>>& futures) {
  for (const auto& future : futures) co_await future;
}

}  // namespace

TEST_CASE("a small call that throws leaves those beside it alone [E1]") {
  aio::run(throw_among_others());
}

TEST_CASE("shutdown lets small calls that were accepted go on though nobody holds the executor") {
  aio::EventLoop loop;
  std::atomic<int> ran = 0;
  std::vector<aio::Future<>> futures;
  loop.run_until_complete(shut_down_behind(ran, futures));
  loop.run_until_complete(await_all(futures));
  CHECK(ran == 20);
}

TEST_CASE("a loop that closes withdraws small calls and waits for those that run") {
  Gate gate;
  std::atomic<int> ran = 0;
  aio::EventLoop loop;
  std::vector<aio::Future<>> futures;
  const aio::ThreadPoolExecutor executor(1);
  // What the last call holds is dropped when all have been withdrawn.
  const auto open = [&gate](const void*) { gate.go.release(); };
  loop.call_soon([&] {
    futures.push_back(loop.run_in_executor(executor, small, std::ref(gate)));
    for (int i = 0; i < 19; ++i) {
      futures.push_back(loop.run_in_executor(executor, small, [&ran] { ++ran; }));
    }
    auto last = [&ran, held = std::shared_ptr<void>(nullptr, open)] { ++ran; };
    futures.push_back(loop.run_in_executor(executor, small, std::move(last)));
    loop.stop();
  });
  loop.run_forever();
  gate.started.acquire();
  loop.close();
  CHECK(executor.statistics().cancelled == 20);
  CHECK_FALSE(futures.front().cancelled());
  for (std::size_t i = 1; i < futures.size(); ++i) CHECK(futures[i].cancelled());
  CHECK(ran == 0);
}

TEST_CASE("to_thread takes small calls too [E5]") {
  const auto other = [](auto) -> aio::Coro<bool> {
    const auto id = co_await aio::to_thread(small, this_thread);
    co_return id != this_thread();
  };
  CHECK(aio::run(other(0)));
}

namespace {

/// Mostly short; one in a hundred long enough that somebody looks after those behind it.
int work_at_random(unsigned random, PoolCounts& counts) {
  ++counts.started;
  if (random % 100 == 0) std::this_thread::sleep_for(3ms);
  for (unsigned i = 0; i < random % 5; ++i) std::this_thread::yield();
  ++counts.ended;
  if (random % 7 == 0) throw std::runtime_error("on purpose");
  return static_cast<int>(random);
}

aio::Coro<void> await_at_random(aio::ThreadPoolExecutor executor, PoolOptions options,
                                unsigned random, PoolCounts& counts) {
  auto future = aio::get_running_loop().run_in_executor(executor, options, work_at_random, random,
                                                        std::ref(counts));
  const auto outcome = co_await outcome_of(future);
  CHECK((outcome.returned || outcome.cancelled || outcome.threw<std::runtime_error>()));
  if (outcome.returned) CHECK(future.result() == static_cast<int>(random));
}

aio::Coro<void> work_and_cancel_at_random(unsigned seed, PoolCounts& counts) {
  std::mt19937 random(seed);
  const aio::ThreadPoolExecutor executor(3);
  std::vector<aio::Task<>> tasks;
  for (int i = 0; i < 6000; ++i) {
    const auto options = options_at_random(random, 4).small(random() % 8 != 0);
    const auto number = static_cast<unsigned>(random() % 10'000);
    tasks.push_back(aio::create_task(await_at_random(executor, options, number, counts)));
    if (random() % 64 == 0) co_await aio::sleep(1us * (random() % 200));
    if (random() % 4 == 0)
      tasks[tasks.size() - 1 - random() % std::min<std::size_t>(tasks.size(), 200)].cancel();
  }
  co_await aio::wait(tasks);
  co_await check_accounts(executor, counts);
}

}  // namespace

TEST_CASE("6000 small and other calls, cancelled at random, are each begun once or never [E2]") {
  constexpr unsigned seed = 20261122;
  CAPTURE(seed);
  PoolCounts counts;
  aio::run(work_and_cancel_at_random(seed, counts));
  CHECK(counts.started > 1000);
}

namespace {

aio::Coro<void> withdraw_between(Gate& first, Gate& second) {
  aio::EventLoop& loop = aio::get_running_loop();
  const aio::ThreadPoolExecutor executor(1);
  const auto opened = loop.run_in_executor(executor, small, std::ref(first));
  const auto withdrawn = loop.run_in_executor(executor, small, [] {});
  const auto running = loop.run_in_executor(executor, small, std::ref(second));
  for (int i = 0; i < 2; ++i) static_cast<void>(loop.run_in_executor(executor, small, [] {}));
  co_await aio::sleep(0);
  first.started.acquire();
  CHECK(withdrawn.cancel());
  first.go.release();
  second.started.acquire();
  const auto statistics = executor.statistics();
  CHECK(statistics.queued == 2);
  CHECK(statistics.cancelled == 1);
  second.go.release();
  co_await executor.join();
}

}  // namespace

TEST_CASE("statistics count small calls behind one that was withdrawn") {
  Gate first;
  Gate second;
  aio::run(withdraw_between(first, second));
}

namespace {

aio::Coro<void> fail_when_cancelled() {
  try {
    co_await aio::sleep(1h);
  } catch (const aio::CancelledError&) {
    throw std::runtime_error("late");
  }
}

aio::Coro<void> clean_up_after(aio::Future<> event) {
  try {
    co_await aio::sleep(1h);
  } catch (const aio::CancelledError&) {
    static_cast<void>(0);
  }
  co_await event;
}

}  // namespace

TEST_CASE("a small call that an exception handler makes does not keep a loop from closing") {
  const aio::ThreadPoolExecutor executor(1);
  aio::EventLoop loop;
  std::vector<aio::Future<>> futures;
  loop.set_exception_handler([&](aio::EventLoop&, const aio::ExceptionContext& context) {
    if (context.exception) futures.push_back(loop.run_in_executor(executor, small, [] {}));
  });
  const auto task = loop.create_task(fail_when_cancelled());
  loop.call_soon([&loop] { loop.stop(); });
  loop.run_forever();
  loop.close();  // would wait for ever if nobody sent the call
  REQUIRE(futures.size() == 1);
  CHECK(futures.front().done());
}

TEST_CASE("a small call that an exception handler makes while a loop closes is run for a task") {
  const aio::ThreadPoolExecutor executor(1);
  aio::EventLoop loop;
  bool ran = false;
  const auto event = loop.create_future();
  loop.set_exception_handler([&](aio::EventLoop&, const aio::ExceptionContext& context) {
    if (!context.exception) return;
    const auto call = loop.run_in_executor(executor, small, [&ran] { ran = true; });
    call.add_done_callback([event](const aio::AnyFuture&) { event.set_result(); });
  });
  const auto failing = loop.create_task(fail_when_cancelled());
  const auto waiting = loop.create_task(clean_up_after(event));
  loop.call_soon([&loop] { loop.stop(); });
  loop.run_forever();
  loop.close();
  CHECK(ran);
  CHECK(waiting.done());
  CHECK_FALSE(waiting.cancelled());
}
