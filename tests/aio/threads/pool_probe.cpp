// Tries one thing with libuv's pool, whose size a process fixes once, and prints what came of it.

#include <sched.h>
#include <sys/resource.h>
#include <uv.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "aio/aio.hpp"
#include "support/gate.hpp"

using namespace std::chrono_literals;

namespace {

/// How many of `count` calls run at a time; each waits until `width` do.
template <class Executor>
int width(aio::EventLoop& loop, const Executor& executor, int count) {
  std::atomic<int> running = 0;
  const auto work = [&running, count] {
    ++running;
    while (running < count) std::this_thread::yield();
  };
  std::vector<aio::Future<>> futures;
  for (int i = 0; i < count; ++i) futures.push_back(loop.run_in_executor(executor, work));
  for (const auto& future : futures) loop.run_until_complete(future);
  return running;
}

/// Dropped executors have given their workers back: otherwise the fourth would find none.
void reserve_and_release() {
  const auto nothing = [] {};
  for (int i = 0; i < 4; ++i) {
    aio::EventLoop loop;
    std::optional<aio::ThreadPoolExecutor> executor(3);
    const auto future = loop.run_in_executor(*executor, nothing);
    executor.reset();
    loop.run_until_complete(future);
  }
  const aio::ThreadPoolExecutor last(3);
}

/// Takes all of libuv's threads, behind aio's back, until the end of the scope.
class PoolBlocker {
 public:
  explicit PoolBlocker(std::size_t threads) : requests_(threads) {
    uv_loop_init(&loop_);
    for (uv_work_t& request : requests_) {
      request.data = this;
      uv_queue_work(&loop_, &request, block, [](uv_work_t*, int) {});
    }
    while (blocked_ < threads) std::this_thread::yield();
  }
  PoolBlocker(const PoolBlocker&) = delete;
  PoolBlocker& operator=(const PoolBlocker&) = delete;
  ~PoolBlocker() {
    go_ = true;
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
  }

 private:
  static void block(uv_work_t* request) {
    auto& self = *static_cast<PoolBlocker*>(request->data);
    ++self.blocked_;
    while (!self.go_) std::this_thread::yield();
  }

  uv_loop_t loop_{};
  std::vector<uv_work_t> requests_;
  std::atomic<std::size_t> blocked_ = 0;
  std::atomic<bool> go_ = false;
};

/// Cancels work that waits for a thread inside libuv: whether it was freed at once and never ran.
bool cancel_within_libuv(aio::EventLoop& loop) {
  const aio::ThreadPoolExecutor executor(1);
  std::atomic<bool> ran = false;
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> freed = held;
  std::optional<PoolBlocker> blocker(2);
  {
    auto work = [&ran, moved = std::move(held)] { ran = true; };
    const auto future = loop.run_in_executor(executor, std::move(work));
    if (freed.expired() || !future.cancel() || !freed.expired()) return false;
  }
  blocker.reset();
  loop.run_until_complete(executor.join());
  return !ran;
}

/// Somebody else who wants a thread of libuv's pool.
class OtherUser {
 public:
  OtherUser() {
    uv_loop_init(&loop_);
    request_.data = this;
    const auto work = [](uv_work_t* request) {
      static_cast<OtherUser*>(request->data)->had_turn = true;
    };
    uv_queue_work(&loop_, &request_, work, [](uv_work_t*, int) {});
  }
  OtherUser(const OtherUser&) = delete;
  OtherUser& operator=(const OtherUser&) = delete;
  ~OtherUser() {
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
  }

  std::atomic<bool> had_turn = false;

 private:
  uv_loop_t loop_{};
  uv_work_t request_{};
};

/// Calls of which some wait at any time, until somebody else, who comes amid them, has had a turn.
struct Flood {
  /// On the pool: does not end before more calls wait than it takes for the next.
  void operator()() {
    --waiting;
    while (waiting < 10 && !is_over) std::this_thread::yield();
  }

  static constexpr int calls_max = 100'000;
  int calls = 0;
  std::optional<OtherUser> other;
  std::atomic<int> waiting = 0;
  std::atomic<bool> is_over = false;
};

aio::Coro<void> call_again(aio::ThreadPoolExecutor executor, Flood& flood) {
  while (!flood.is_over) {
    if (++flood.calls == 1000) flood.other.emplace();
    ++flood.waiting;
    auto call = aio::get_running_loop().run_in_executor(executor, std::ref(flood));
    co_await std::move(call);
    const bool had_turn = flood.other && flood.other->had_turn;
    if (had_turn || flood.calls >= Flood::calls_max) flood.is_over = true;
  }
}

/// Whether somebody else has a turn on the only thread that is left.
aio::Coro<bool> leave_a_turn() {
  const aio::ThreadPoolExecutor executor(1);
  const PoolBlocker blocker(1);
  Flood flood;
  std::vector<aio::Task<>> tasks;
  for (int i = 0; i < 200; ++i) tasks.push_back(aio::create_task(call_again(executor, flood)));
  for (const auto& task : tasks) co_await task;
  co_return flood.calls < Flood::calls_max;
}

/// How the calling thread is scheduled: 3 is SCHED_BATCH.
std::string scheduling() {
  return std::to_string(sched_getscheduler(0)) + ":" + std::to_string(getpriority(PRIO_PROCESS, 0));
}

aio::Coro<int> niceness_of_child() {
  const auto options = aio::subprocess::Options().stdout(aio::subprocess::PIPE);
  const auto child = co_await aio::create_subprocess_exec("nice", {}, options);
  const auto output = co_await child.communicate();
  co_return std::stoi(output.first);
}

/// What the pool's thread, the loop's and a child process become when the pool is put in the
/// background, after it was used before.
std::string background(aio::EventLoop& loop) {
  const aio::ThreadPoolExecutor executor(1);
  const auto on_pool = [&] {
    return loop.run_until_complete(loop.run_in_executor(executor, scheduling));
  };
  const std::string normal = scheduling();
  const int nice = getpriority(PRIO_PROCESS, 0);
  const std::string in_background = "3:" + std::to_string(std::min(nice + 10, 19));
  if (on_pool() != normal) return "the pool was not as the loop before";
  support::Gate gate;
  executor.queue().set_worker_turn(24h);  // one trip for both
  const auto first = loop.run_in_executor(executor, std::ref(gate));
  const auto next = loop.run_in_executor(executor, scheduling);
  gate.started.acquire();
  aio::run_pool_in_background();
  gate.go.release();
  if (loop.run_until_complete(next) != in_background) return "the pool did not step back";
  if (on_pool() != in_background) return "the pool stepped back twice";
  if (scheduling() != normal) return "the loop stepped back too";
  if (loop.run_until_complete(niceness_of_child()) != nice) return "a child stepped back too";
  return "ok";
}

/// Each of `numbers` is reserved on a thread of its own. Gives the size of the pool, and whether an
/// executor of each runs all its workers at a time, after the pool's first use too.
std::string reserve_on_threads(aio::EventLoop& loop, const std::vector<unsigned>& numbers) {
  std::vector<std::optional<aio::PoolThreads>> reserved(numbers.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      threads.emplace_back([&, i] { reserved[i] = aio::reserve_pool_threads(numbers[i]); });
    }
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const aio::ThreadPoolExecutor executor(*reserved[i]);
    const int workers = static_cast<int>(numbers[i]);
    if (executor.max_workers() != numbers[i]) return "another number of workers";
    if (width(loop, executor, workers) != workers) return "too few at a time";
  }
  const char* const size = std::getenv("UV_THREADPOOL_SIZE");
  return size ? size : "no size";
}

/// Reserved threads are held by handles and by executors, and go with the last of them.
void release_reserved() {
  std::optional<aio::PoolThreads> threads = aio::reserve_pool_threads(3);
  std::optional<aio::ThreadPoolExecutor> executor(*threads);
  threads.reset();
  bool was_left = true;
  try {
    static_cast<void>(aio::reserve_pool_threads(1));
  } catch (const aio::RuntimeError&) {
    was_left = false;
  }
  if (was_left) throw aio::ValueError("the executor's threads were given to somebody else");
  executor.reset();
  static_cast<void>(aio::reserve_pool_threads(3));
}

std::string run_scenario(const std::string& scenario, const std::vector<unsigned>& numbers) {
  aio::EventLoop loop;
  const auto nothing = [] {};
  if (scenario == "reserve") {
    std::vector<aio::ThreadPoolExecutor> executors;
    for (const unsigned workers : numbers) executors.emplace_back(workers);
  } else if (scenario == "after-use") {
    const aio::ThreadPoolExecutor first(numbers.at(0));
    loop.run_until_complete(loop.run_in_executor(first, nothing));
    const aio::ThreadPoolExecutor second(numbers.at(1));
  } else if (scenario == "default-after") {
    const aio::ThreadPoolExecutor first(numbers.at(0));
    loop.run_until_complete(loop.run_in_executor(first, nothing));
    loop.run_until_complete(loop.run_in_executor(nullptr, nothing));
  } else if (scenario == "reserve-threads") {
    return reserve_on_threads(loop, numbers);
  } else if (scenario == "reserve-after-use") {
    const aio::ThreadPoolExecutor first(aio::reserve_pool_threads(numbers.at(0)));
    loop.run_until_complete(loop.run_in_executor(first, nothing));
    static_cast<void>(aio::reserve_pool_threads(numbers.at(1)));
  } else if (scenario == "executor-beside-reserved") {
    const aio::PoolThreads threads = aio::reserve_pool_threads(numbers.at(0));
    const aio::ThreadPoolExecutor beside(numbers.at(1));
    loop.run_until_complete(loop.run_in_executor(beside, nothing));
    return std::getenv("UV_THREADPOOL_SIZE");
  } else if (scenario == "default-beside-reserved") {
    const aio::ThreadPoolExecutor only(aio::reserve_pool_threads(numbers.at(0)));
    loop.run_until_complete(loop.run_in_executor(only, nothing));
    loop.run_until_complete(loop.run_in_executor(nullptr, nothing));
  } else if (scenario == "release-reserved") {
    release_reserved();
  } else if (scenario == "released") {
    reserve_and_release();
  } else if (scenario == "width") {
    const aio::ThreadPoolExecutor executor(numbers.at(0));
    return std::to_string(width(loop, executor, static_cast<int>(numbers.at(0))));
  } else if (scenario == "default-width") {
    return std::to_string(width(loop, nullptr, static_cast<int>(numbers.at(0))));
  } else if (scenario == "background") {
    return background(loop);
  } else if (scenario == "leave-a-turn") {
    return loop.run_until_complete(leave_a_turn()) ? "ok" : "starved";
  } else if (scenario == "cancel-within-libuv") {
    return cancel_within_libuv(loop) ? "ok" : "ran";
  } else {
    return "no such scenario";
  }
  return "ok";
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  std::vector<unsigned> numbers;
  for (std::size_t i = 1; i < words.size(); ++i) {
    numbers.push_back(static_cast<unsigned>(std::stoul(words[i])));
  }
  std::string outcome;
  try {
    outcome = run_scenario(words.at(0), numbers);
  } catch (const aio::RuntimeError&) {
    outcome = "RuntimeError";
  } catch (const aio::ValueError&) {
    outcome = "ValueError";
  }
  std::fputs(outcome.c_str(), stdout);
}
