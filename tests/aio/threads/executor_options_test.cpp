#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <random>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "aio/event_loop.hpp"
#include "aio/testing.hpp"
#include "support/await.hpp"
#include "support/gate.hpp"
#include "support/loop_test.hpp"
#include "support/pool.hpp"

using namespace support;
using aio::OnCancel;
using aio::PoolOptions;

namespace {

/// Work that ends when it is asked to stop and, after that, is let go.
struct Stubborn {
  int operator()(const std::stop_token& stop) {
    started.release();
    while (!stop.stop_requested()) std::this_thread::yield();
    stopped.release();
    go.acquire();
    ended = true;
    if (throws) throw std::runtime_error("stopped");
    return 1;
  }
  bool throws = false;
  std::binary_semaphore started{0};
  std::binary_semaphore stopped{0};
  std::binary_semaphore go{0};
  std::atomic<bool> ended = false;
};

const auto wait_for_end = PoolOptions().on_cancel(OnCancel::wait);

aio::Coro<int> await_on_pool(aio::ThreadPoolExecutor executor, PoolOptions options,
                             Stubborn& work) {
  auto future = aio::get_running_loop().run_in_executor(executor, options, std::ref(work));
  co_return co_await future;
}

aio::Coro<void> cancel_and_wait(const aio::ThreadPoolExecutor& executor, Stubborn& work) {
  const auto task = aio::create_task(outcome_of(await_on_pool(executor, wait_for_end, work)));
  co_await aio::sleep(0);
  work.started.acquire();
  CHECK(task.cancel("enough"));
  work.stopped.acquire();  // the request has reached it
  co_await turns(5);
  CHECK_FALSE(task.done());
  CHECK_FALSE(work.ended);
  CHECK(task.cancel("again"));
  co_await turns(5);
  CHECK_FALSE(task.done());
  work.go.release();
  const auto outcome = co_await task;
  CHECK(work.ended);
  REQUIRE(outcome.cancelled);
  CHECK(outcome.cancelled->message() == "enough");
  const auto statistics = executor.statistics();
  CHECK(statistics.completed == 1);
  CHECK(statistics.cancelled == 0);
}

aio::Coro<void> cancel_and_go_on(const aio::ThreadPoolExecutor& executor, Stubborn& work) {
  const auto task = aio::create_task(outcome_of(await_on_pool(executor, PoolOptions(), work)));
  co_await aio::sleep(0);
  work.started.acquire();
  CHECK(task.cancel());
  const auto outcome = co_await task;  // before it has ended: it is not let go yet
  CHECK(outcome.cancelled);
  CHECK_FALSE(work.ended);
  CHECK(executor.statistics().running == 1);
  work.go.release();
  co_await executor.join();
  CHECK(work.ended);
}

aio::Coro<void> cancel_on_thread(Stubborn& work) {
  const auto task = aio::create_task(aio::to_thread(wait_for_end, std::ref(work)));
  co_await aio::sleep(0);
  work.started.acquire();
  task.cancel();
  work.stopped.acquire();
  co_await turns(3);
  CHECK_FALSE(task.done());
  work.go.release();
  const auto outcome = co_await outcome_of(task);
  CHECK(outcome.cancelled);
  CHECK(work.ended);
}

}  // namespace

TEST_CASE("a higher priority starts first and equal ones in the order of their coming [E1]") {
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(1);
  Gate gate;
  std::string seen;
  const auto first = loop.run_in_executor(executor, std::ref(gate));
  gate.started.acquire();
  const auto add = [&seen](char name) { seen += name; };
  const auto submit = [&](int priority, char name) {
    return loop.run_in_executor(executor, PoolOptions().priority(priority), add, name);
  };
  const std::vector futures{submit(0, 'a'),  submit(5, 'b'),  submit(-1, 'c'), submit(5, 'd'),
                            submit(0, 'e'),  submit(-1, 'f'), submit(7, 'g'),  submit(5, 'h'),
                            submit(-9, 'i'), submit(0, 'j')};
  const auto plain = loop.run_in_executor(executor, add, 'k');
  CHECK(futures[3].cancel());
  gate.go.release();
  loop.run_until_complete(executor.join());
  CHECK(seen == "gbhaejkcfi");
}

TEST_CASE("a priority on the default executor is kept too") {
  aio::EventLoop loop;
  loop.set_default_executor(aio::ThreadPoolExecutor(1));
  Gate gate;
  std::string seen;
  const auto first = loop.run_in_executor(nullptr, std::ref(gate));
  const auto add = [&seen](char name) { seen += name; };
  const auto low = loop.run_in_executor(nullptr, add, 'a');
  const auto high = loop.run_in_executor(nullptr, PoolOptions().priority(1), add, 'b');
  gate.go.release();
  loop.run_until_complete(low);
  CHECK(high.done());
  CHECK(seen == "ba");
}

TEST_CASE("statistics say what became of all work") {
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(2);
  std::array<Gate, 2> gates;
  std::vector<aio::Future<>> running;
  for (Gate& gate : gates) running.push_back(loop.run_in_executor(executor, std::ref(gate)));
  const auto nothing = [] {};
  std::vector<aio::Future<>> queued;
  for (int i = 0; i < 5; ++i) queued.push_back(loop.run_in_executor(executor, nothing));
  CHECK(queued[1].cancel());
  CHECK(queued[3].cancel());
  auto now = executor.statistics();
  CHECK(now.max_workers == 2);
  CHECK(now.running == 2);
  CHECK(now.queued == 3);
  CHECK(now.submitted == 7);
  CHECK(now.completed == 0);
  CHECK(now.cancelled == 2);
  CHECK(now.longest_wait == 0ns);
  const auto waited_from = loop.time();
  while (loop.time() - waited_from < 1ms) std::this_thread::yield();
  for (Gate& gate : gates) gate.go.release();
  loop.run_until_complete(executor.join());
  now = executor.statistics();
  CHECK(now.running == 0);
  CHECK(now.queued == 0);
  CHECK(now.submitted == 7);
  CHECK(now.completed == 5);
  CHECK(now.cancelled == 2);
  CHECK(now.longest_wait >= 1ms);
}

TEST_CASE("with on_cancel wait a cancelled await ends when the work has ended [E2]") {
  for (const bool throws : {false, true}) {
    CAPTURE(throws);
    Stubborn work;
    work.throws = throws;
    aio::run(cancel_and_wait(aio::ThreadPoolExecutor(1), work));
  }
}

TEST_CASE("with on_cancel abandon a cancelled await ends at once [E2]") {
  Stubborn work;
  aio::run(cancel_and_go_on(aio::ThreadPoolExecutor(1), work));
}

TEST_CASE("to_thread takes the options too [E5]") {
  Stubborn work;
  aio::run(cancel_on_thread(work));
}

TEST_CASE("work that waits for a worker is withdrawn at once whatever on_cancel says [E2]") {
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(1);
  Gate gate;
  std::atomic<bool> ran = false;
  const auto first = loop.run_in_executor(executor, std::ref(gate));
  int alive = 0;
  {
    const auto work = [&ran, counted = Counted(alive)] { ran = true; };
    const auto future = loop.run_in_executor(executor, wait_for_end, work);
    CHECK(alive == 2);
    CHECK(future.cancel("too late"));
    CHECK(future.cancelled());
    CHECK_FALSE(future.cancel());
    CHECK(alive == 1);
  }
  gate.go.release();
  loop.run_until_complete(executor.join());
  CHECK_FALSE(ran);
}

TEST_CASE("a dropped future that waits for its cancelled work leaves nothing behind [E2]") {
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(1);
  Stubborn work;
  {
    const auto future = loop.run_in_executor(executor, wait_for_end, std::ref(work));
    work.started.acquire();
    CHECK(future.cancel());
    CHECK_FALSE(future.done());
  }
  work.go.release();
  loop.close();
  CHECK(work.ended);
}

TEST_CASE("work that nobody cancelled ends as it would without options [E1]") {
  aio::EventLoop loop;
  const aio::ThreadPoolExecutor executor(1);
  const auto half = [](int n) {
    if (n % 2 != 0) throw std::domain_error("odd");
    return n / 2;
  };
  CHECK(loop.run_until_complete(loop.run_in_executor(executor, wait_for_end, half, 8)) == 4);
  CHECK_THROWS_AS(loop.run_until_complete(loop.run_in_executor(executor, wait_for_end, half, 7)),
                  std::domain_error);
}

namespace {

std::string work_at_random(const std::stop_token& stop, unsigned spins, PoolCounts& counts,
                           const std::shared_ptr<std::string>& state) {
  ++counts.started;
  for (unsigned i = 0; i < spins && !stop.stop_requested(); ++i) std::this_thread::yield();
  ++counts.ended;
  if (spins % 7 == 0) throw std::runtime_error("on purpose");
  return *state + "!";
}

/// Awaits one call; how it ended, and whether its end was waited for.
aio::Coro<void> await_at_random(aio::ThreadPoolExecutor executor, PoolOptions options,
                                unsigned spins, PoolCounts& counts, int& ends) {
  const auto state = std::make_shared<std::string>("state");
  auto future = aio::get_running_loop().run_in_executor(executor, options, work_at_random, spins,
                                                        std::ref(counts), state);
  const auto outcome = co_await outcome_of(future);
  ++ends;
  CHECK((outcome.returned || outcome.cancelled || outcome.threw<std::runtime_error>()));
  if (outcome.returned) CHECK(future.result() == "state!");
  // Of work whose end was waited for nothing is in use any more.
  if (outcome.cancelled && options.on_cancel() == OnCancel::wait) CHECK(state.use_count() == 1);
}

aio::Coro<void> cancel_at_random(unsigned seed, PoolCounts& counts) {
  std::mt19937 random(seed);
  const aio::ThreadPoolExecutor executor(2);
  std::vector<aio::Task<>> tasks;
  int ends = 0;
  for (unsigned cancels = 0; cancels < 2600;) {
    const auto options = options_at_random(random, 5);
    const auto spins = static_cast<unsigned>(random() % 30);
    tasks.push_back(aio::create_task(await_at_random(executor, options, spins, counts, ends)));
    if (random() % 4 == 0) co_await aio::sleep(1us * (random() % 50));
    const std::size_t back =
        random() % std::min<std::size_t>(tasks.size(), 20);  // of the last ones
    if (random() % 4 != 0 && tasks[tasks.size() - 1 - back].cancel()) ++cancels;
  }
  co_await aio::wait(tasks);
  co_await check_accounts(executor, counts);
}

}  // namespace

TEST_CASE("2600 random cancellations of both kinds at all priorities leave nothing behind [E2]") {
  constexpr unsigned seed = 20261122;
  CAPTURE(seed);
  PoolCounts counts;
  aio::run(cancel_at_random(seed, counts));
  CHECK(counts.started > 100);
}
